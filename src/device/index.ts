/**
 * Where computations run.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { DeviceError, InvalidArgumentError } from '../common/errors.js';
import { describeValue } from '../common/options.js';
import {
  activate,
  activeEngine,
  engineBackend,
  requestedEngine,
  selectDefaultBackend,
  whyNotNative,
  type EngineName,
} from '../engine/index.js';

/**
 * A device: 'cpu', the engine of this package; 'gpu' or 'gpu:0', the optional package `@tensorflow/tfjs-node-gpu`;
 * 'tensorflow', the optional package `@tensorflow/tfjs-node`.
 */
export type Device = 'cpu' | 'gpu' | 'gpu:0' | 'tensorflow';

/** What computes, and how much memory it has. */
export interface DeviceInfo {
  /** The device in use. */
  readonly device: Device;
  /** 'native', 'wasm', 'js', or 'tensorflow' for the optional packages. */
  readonly engine: EngineName | 'tensorflow';
  /** Why the native build does not serve, when another engine has to. */
  readonly whyNotNative?: string;
  /** Instructions that the kernels use. */
  readonly instructionSet: string;
  /** Threads that compute. */
  readonly threads: number;
  /** Bytes of memory that tensors use, as far as the engine knows. */
  readonly liveBytes: number;
  /** Bytes of memory that wait to be used again. */
  readonly pooledBytes: number;
}

const packages: Readonly<Record<Exclude<Device, 'cpu'>, string>> = {
  gpu: '@tensorflow/tfjs-node-gpu',
  'gpu:0': '@tensorflow/tfjs-node-gpu',
  tensorflow: '@tensorflow/tfjs-node',
};

let current: Device = 'cpu';

/**
 * Runs `load` and undoes what it changes in the registry of TensorFlow.js: an optional package brings TensorFlow.js
 * along, which enters its kernels and gradients in the place of the library's, with a warning for each.
 */
function keepRegistrations(load: () => void): void {
  const kernels = tf.getKernelsForBackend('cpu');
  const gradients = kernels.map(({ kernelName }) => tf.getGradient(kernelName));
  const { warn } = console;
  console.warn = () => undefined;
  try {
    load();
    for (const kernel of kernels) tf.registerKernel(kernel);
    for (const gradient of gradients) if (gradient) tf.registerGradient(gradient);
  } finally {
    console.warn = warn;
  }
}

/** Loads an optional package from the user's project, or from beside this one; it registers the backend 'tensorflow'. */
function loadPackage(name: string): void {
  const failures: unknown[] = [];
  for (const from of [path.join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      keepRegistrations(() => void createRequire(from)(name));
      return;
    } catch (error) {
      failures.push(error);
    }
  }
  const missing = failures.every((error) => (error as { code?: string }).code === 'MODULE_NOT_FOUND');
  const reason = missing
    ? `it is not installed; run npm install ${name}`
    : `it does not load (${(failures[0] as Error).message.split('\n')[0]}); install it anew`;
  throw new DeviceError(
    `this device needs the package ${name}, but ${reason}. It downloads a native library in an install script, which npm 12 runs only after npm install-scripts approve ${name}`,
    { cause: failures[0] },
  );
}

/**
 * Chooses the device of all computations from now on. Tensors move to it when they are used. When the device is not
 * available the one before stays.
 *
 * @throws `DeviceError` saying what is missing
 */
export function setDevice(device: Device): void {
  if (device !== 'cpu' && !(device in packages)) {
    throw new InvalidArgumentError(
      `device must be 'cpu', 'gpu', 'gpu:0' or 'tensorflow', got ${describeValue(device)}`,
    );
  }
  if (device === 'cpu') {
    selectDefaultBackend();
  } else {
    const before = tf.getBackend();
    try {
      // Loading makes the package's backend the active one by itself.
      loadPackage(packages[device]);
      activate('tensorflow');
    } catch (error) {
      if (tf.getBackend() !== before) activate(before);
      throw error;
    }
  }
  current = device;
}

/** The device in use, 'cpu' at the start. */
export function getDevice(): Device {
  return current;
}

/** What computes, with which instructions and threads, and how much memory it uses. */
export function info(): DeviceInfo {
  const backend = engineBackend();
  const engine = activeEngine() ?? 'tensorflow';
  const failure = engine === 'wasm' && requestedEngine() === undefined ? whyNotNative() : undefined;
  return {
    device: current,
    engine,
    ...(failure !== undefined && { whyNotNative: failure }),
    instructionSet: backend?.library.instructionSet ?? (engine === 'js' ? 'JavaScript' : 'that of libtensorflow'),
    threads: backend?.library.threads ?? (engine === 'js' ? 1 : availableParallelism()),
    liveBytes: backend?.pool.liveBytes ?? tf.memory().numBytes,
    pooledBytes: backend?.pool.pooledBytes ?? 0,
  };
}

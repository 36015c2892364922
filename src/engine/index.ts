/**
 * The compute engine.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import { DeviceError } from '../common/errors.js';
import { checkChoice } from '../common/options.js';
import { backendNames, EngineBackend } from './backend.js';
import './kernels/index.js';
import type { KernelLibrary } from './library.js';
import { NativeLibrary } from './native.js';
import { WebAssemblyLibrary } from './webassembly.js';

export { backendNames, engineBackend, materializedBytes, type EngineBackend } from './backend.js';
export { stepInPlace, type VariableStep } from './in-place.js';
export type { View } from './layout.js';
export type { RecordedCalls } from './recording.js';
export type { Storage, TensorData } from './tensor-data.js';
export * from './ops/index.js';

/** Engines that can serve the device 'cpu', the fastest first. */
export const engineNames = ['native', 'wasm', 'js'] as const;

/** An engine that can serve the device 'cpu'. */
export type EngineName = (typeof engineNames)[number];

/** Backend of TensorFlow.js behind each engine. */
const backends: Record<EngineName, string> = { ...backendNames, js: 'cpu' };

const loaders: Record<Exclude<EngineName, 'js'>, () => KernelLibrary> = {
  native: () => NativeLibrary.load(),
  wasm: () => WebAssemblyLibrary.load(),
};

/** Kernels that wait for their backend to be made. */
const loaded = new Map<EngineName, KernelLibrary>();

for (const name of ['native', 'wasm'] as const) {
  tf.registerBackend(backends[name], () => {
    const library = loaded.get(name) ?? loaders[name]();
    loaded.delete(name);
    return new EngineBackend(library);
  });
}

/** The engine that PADDLEWHEEL_ENGINE asks for; undefined when it leaves the choice to the library. */
export function requestedEngine(): EngineName | undefined {
  const asked = process.env.PADDLEWHEEL_ENGINE;
  return asked === undefined || asked === '' ? undefined : checkChoice('PADDLEWHEEL_ENGINE', asked, engineNames);
}

/** Makes an engine the active one. @throws `DeviceError` saying why when it cannot be loaded */
export function selectEngine(name: EngineName): void {
  // TensorFlow.js prints the errors of a backend and keeps them to itself, so the kernels are loaded beforehand.
  if (name !== 'js' && !(backends[name] in tf.engine().registry) && !loaded.has(name)) {
    loaded.set(name, loaders[name]());
  }
  activate(backends[name]);
}

/** The engine that is the active backend; undefined for another backend of TensorFlow.js. */
export function activeEngine(): EngineName | undefined {
  return engineNames.find((name) => backends[name] === tf.getBackend());
}

/** Makes a backend of TensorFlow.js the active one; the one before stays when that fails. */
export function activate(backend: string): void {
  const before = tf.getBackend();
  // Backends whose factory is synchronous are active when setBackend returns; for an unknown name it rejects.
  tf.setBackend(backend).catch(() => undefined);
  // Asking for the backend puts another one in the place of one that failed.
  tf.backend();
  if (tf.getBackend() === backend) return;
  if (before) void tf.setBackend(before);
  throw new DeviceError(`the backend '${backend}' of TensorFlow.js is not available`);
}

let nativeFailure: DeviceError | undefined;

/** Why another engine serves in the place of the native build; undefined when none has to. */
export function whyNotNative(): string | undefined {
  return nativeFailure?.message;
}

/**
 * Makes the engine that PADDLEWHEEL_ENGINE asks for the active one; without it the native build, or WebAssembly where
 * there is no native build that works. A native build that has failed is not tried again.
 *
 * @throws `DeviceError` saying why when the engine asked for cannot be loaded
 */
export function selectDefaultBackend(): void {
  const requested = requestedEngine();
  if (requested) return selectEngine(requested);
  if (nativeFailure === undefined) {
    try {
      return selectEngine('native');
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      nativeFailure = error;
    }
  }
  selectEngine('wasm');
}

/**
 * The compute engine.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import { DeviceError, PaddlewheelError } from '../common/errors.js';
import { checkChoice } from '../common/options.js';
import { backendNames, EngineBackend } from './backend.js';
import './kernels/index.js';
import type { KernelLibrary } from './library.js';
import { NativeLibrary } from './native.js';
import { WebAssemblyLibrary } from './webassembly.js';

export { backendNames, engineBackend, materializedBytes } from './backend.js';
export { stepInPlace, storeInOrder, type VariableStep } from './in-place.js';
export * from './ops/index.js';

/** Engines that can serve the device 'cpu', the fastest first. */
export const engineNames = ['native', 'wasm', 'js'] as const;

/** An engine that can serve the device 'cpu'. */
export type EngineName = (typeof engineNames)[number];

/** Backend of TensorFlow.js behind each engine. */
const backends: Record<EngineName, string> = { ...backendNames, js: 'cpu' };

/** Why an engine could not be loaded, which TensorFlow.js does not pass on. */
const failures = new Map<string, unknown>();

function register(backend: string, load: () => KernelLibrary): void {
  tf.registerBackend(backend, () => {
    try {
      return new EngineBackend(load());
    } catch (error) {
      failures.set(backend, error);
      throw error;
    }
  });
}

register(backendNames.native, () => NativeLibrary.load());
register(backendNames.wasm, () => WebAssemblyLibrary.load());

/** The engine that PADDLEWHEEL_ENGINE asks for; undefined when it leaves the choice to the library. */
export function requestedEngine(): EngineName | undefined {
  const asked = process.env.PADDLEWHEEL_ENGINE;
  return asked === undefined || asked === '' ? undefined : checkChoice('PADDLEWHEEL_ENGINE', asked, engineNames);
}

/** Makes an engine the active one. @throws `DeviceError` saying why when it cannot be loaded */
export function selectEngine(name: EngineName): void {
  activate(backends[name]);
}

/** The engine that is the active backend; undefined for another backend of TensorFlow.js. */
export function activeEngine(): EngineName | undefined {
  return engineNames.find((name) => backends[name] === tf.getBackend());
}

/** Makes a backend of TensorFlow.js the active one; the one before stays when that fails. */
export function activate(backend: string): void {
  const before = tf.getBackend();
  failures.delete(backend);
  // Backends whose factory is synchronous are active when setBackend returns; for an unknown name it rejects.
  tf.setBackend(backend).catch(() => undefined);
  // Asking for the backend puts another one in the place of one that failed.
  tf.backend();
  if (tf.getBackend() === backend) return;
  if (before) void tf.setBackend(before);
  const failure = failures.get(backend);
  if (failure instanceof PaddlewheelError) throw failure;
  throw new DeviceError(`the backend '${backend}' of TensorFlow.js is not available`, { cause: failure });
}

/**
 * Makes the engine that PADDLEWHEEL_ENGINE asks for the active one; without it the native build, or WebAssembly where
 * there is no native build that works.
 *
 * @throws `DeviceError` saying why when the engine asked for cannot be loaded
 */
export function selectDefaultBackend(): void {
  const requested = requestedEngine();
  if (requested) return selectEngine(requested);
  try {
    selectEngine('native');
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    selectEngine('wasm');
  }
}

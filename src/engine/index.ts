/**
 * The compute engine.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import { DeviceError } from '../common/errors.js';
import { checkChoice } from '../common/options.js';
import { backendName, EngineBackend } from './backend.js';
import './kernels/index.js';

export { backendName, engineBackend, materializedBytes } from './backend.js';
export { changeInPlace, stepInPlace, storeInOrder, type VariableStep } from './in-place.js';
export * from './ops/index.js';

tf.registerBackend(backendName, () => new EngineBackend());

/** Engines that can serve the device 'cpu'. */
export type EngineName = 'wasm' | 'js';

/** Backend of TensorFlow.js behind each engine. */
const backends: Record<EngineName, string> = { wasm: backendName, js: 'cpu' };

/** The engine that PADDLEWHEEL_ENGINE asks for, or the fastest. */
export function preferredEngine(): EngineName {
  const asked = process.env.PADDLEWHEEL_ENGINE;
  return asked === undefined || asked === '' ? 'wasm' : checkChoice('PADDLEWHEEL_ENGINE', asked, ['wasm', 'js']);
}

/** Makes an engine the active one. @throws `DeviceError` when it cannot be loaded */
export function selectEngine(name: EngineName): void {
  activate(backends[name]);
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

/** Makes the engine of {@link preferredEngine} the active one. */
export function selectDefaultBackend(): void {
  selectEngine(preferredEngine());
}

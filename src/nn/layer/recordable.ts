/**
 * Layers whose computation can be recorded without being asked for.
 *
 * @module
 */
import type { AnyLayer } from './layer.js';

const recordable = new WeakSet<object>();

/**
 * Declares that what `forward` of these classes computes follows from its inputs, its parameters and buffers, its public
 * properties and those of its sublayers, and what nobody can change. This says nothing about their subclasses.
 */
export function declareRecordable(...classes: readonly object[]): void {
  for (const one of classes) recordable.add(one);
}

/** True for an instance of a declared class with nothing in the place of its `forward`. */
export function isRecordable(layer: AnyLayer): boolean {
  return recordable.has(layer.constructor) && layer.hasOwnForward;
}

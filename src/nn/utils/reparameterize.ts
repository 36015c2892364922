/**
 * Parameters that are computed from others before each forward pass.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../../common/errors.js';
import { describeValue } from '../../common/options.js';
import type { HookHandle } from '../layer/hooks.js';
import type { AnyLayer } from '../layer/layer.js';
import { Parameter } from '../parameter.js';

/** The hooks that compute parameters of layers, by name. */
const hooks = new WeakMap<AnyLayer, Map<string, HookHandle>>();

/** A property of a layer by its name. */
export function memberOf(layer: AnyLayer, name: string): unknown {
  return (layer as unknown as Record<string, unknown>)[name];
}

/** The parameter of a name. */
export function parameterOf(layer: AnyLayer, name: string): Parameter {
  const parameter = memberOf(layer, name);
  if (parameter instanceof Parameter) return parameter;
  throw new InvalidArgumentError(`name must be that of a parameter of the layer, got ${describeValue(name)}`);
}

/** Removes a property, so that another can take its place in the order. */
export function removeMember(layer: AnyLayer, name: string): void {
  Reflect.deleteProperty(layer, name);
}

/** Computes what a parameter was before each forward pass; it belongs to the layer no longer. */
export function computeBeforeForward(layer: AnyLayer, name: string, compute: () => Tensor): void {
  const set = () => {
    // Not enumerable: neither a parameter nor a buffer of the layer.
    Object.defineProperty(layer, name, { value: compute(), writable: true, configurable: true, enumerable: false });
  };
  const handle = layer.registerForwardPreHook(set);
  const named = hooks.get(layer) ?? new Map<string, HookHandle>();
  named.set(name, handle);
  hooks.set(layer, named);
}

/** True where {@link computeBeforeForward} computes a parameter. */
export function isComputed(layer: AnyLayer, name: string): boolean {
  return hooks.get(layer)?.has(name) ?? false;
}

/** Ends the computation. */
export function stopComputing(layer: AnyLayer, name: string): void {
  hooks.get(layer)?.get(name)?.remove();
  hooks.get(layer)?.delete(name);
  removeMember(layer, name);
}

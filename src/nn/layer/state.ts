/**
 * Loading of state dicts.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../../common/errors.js';
import { sameShape, type NdArray } from '../../common/ndarray.js';
import { warn } from '../../common/warn.js';
import { toTensor } from '../../tensor/creation.js';
import { Parameter } from '../parameter.js';
import type { AnyLayer } from './layer.js';

/** Keys that did not match in {@link Layer.setStateDict}. */
export interface LoadResult {
  /** Keys of the layer that were not set. */
  readonly missingKeys: string[];
  /** Keys of the given state that the layer did not take. */
  readonly unexpectedKeys: string[];
}

/** Takes over values by name, see {@link Layer.setStateDict}. */
export function loadState(
  layer: AnyLayer,
  state: Readonly<Record<string, Tensor | NdArray>>,
  useStructuredName: boolean,
): LoadResult {
  const missingKeys: string[] = [];
  const matched = new Set<string>();
  for (const [key, target] of Object.entries(layer.stateDict())) {
    const name = useStructuredName || !(target instanceof Parameter) ? key : target.name;
    const value = state[name];
    if (value === undefined) {
      warn(`Skip loading for ${key}. ${key} is not found in the provided dict.`);
      missingKeys.push(key);
    } else if (!sameShape(value.shape, target.shape)) {
      warn(
        `Skip loading for ${key}. ${key} receives a shape [${value.shape.join(', ')}], but the expected shape is [${target.shape.join(', ')}].`,
      );
      missingKeys.push(key);
    } else {
      matched.add(name);
      setValue(layer, key, target, value);
    }
  }
  return { missingKeys, unexpectedKeys: Object.keys(state).filter((name) => !matched.has(name)) };
}

function setValue(layer: AnyLayer, key: string, target: Tensor, value: Tensor | NdArray): void {
  const tensor = value instanceof tf.Tensor ? value : toTensor(value);
  if (tensor.dtype !== target.dtype) {
    throw new InvalidArgumentError(`${key} must be ${target.dtype}, got ${tensor.dtype}`);
  }
  if (target instanceof Parameter) target.setValue(tensor);
  else layer.replaceBuffer(key, tf.keep(tf.clone(tensor)));
  if (tensor !== value) tensor.dispose();
}

/**
 * Weight normalisation.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../../autograd/index.js';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkInteger, checkOptions } from '../../common/options.js';
import type { AnyLayer } from '../layer/layer.js';
import { Parameter } from '../parameter.js';
import { computeBeforeForward, isComputed, parameterOf, removeMember, stopComputing } from './reparameterize.js';

/** Options of {@link weightNorm}. */
export interface WeightNormOptions {
  /** Name of the parameter. @defaultValue 'weight' */
  readonly name?: string;
  /** Axis whose elements each have a length of their own; null or -1 for one length. @defaultValue 0 */
  readonly dim?: number | null;
}

/** Axes of the layers whose weights are normalised. */
const axes = new WeakMap<AnyLayer, Map<string, number | null>>();

/** Lengths along an axis, [n] or [1], and the shape that broadcasts them. */
function lengths(v: Tensor, axis: number | null): { norms: Tensor; shape: number[] } {
  const others = [...v.shape.keys()].filter((index) => index !== axis);
  const norms = tf.reshape(tf.sqrt(tf.sum(tf.square(v), others)), [-1]);
  return { norms, shape: v.shape.map((length, index) => (index === axis ? length : 1)) };
}

function normalised(v: Tensor, g: Tensor, axis: number | null): Tensor {
  const { norms, shape } = lengths(v, axis);
  return tf.mul(v, tf.reshape(tf.div(g, norms), shape));
}

/**
 * Splits a weight of a layer into lengths and directions that are trained apart: `weight_g` and `weight_v` take its place,
 * and `weight = weight_g weight_v / |weight_v|` is computed before each forward pass (Salimans and Kingma, 2016).
 *
 * @returns the layer
 */
export function weightNorm<L extends AnyLayer>(layer: L, options: WeightNormOptions = {}): L {
  checkOptions('weightNorm', options, ['name', 'dim']);
  const { name = 'weight', dim = 0 } = options;
  if (isComputed(layer, name)) throw new InvalidArgumentError(`'${name}' of the layer is computed already`);
  const weight = parameterOf(layer, name);
  const axis = dim === null || dim === -1 ? null : checkInteger('dim', dim, 0);
  if (axis !== null && axis >= weight.rank) {
    throw new InvalidArgumentError(`dim must be less than ${weight.rank}, got ${axis}`);
  }
  const { learningRate, regularizer, needClip, trainable } = weight;
  const attributes = { learningRate, regularizer, needClip, trainable };
  const make = (suffix: string, compute: () => Tensor) =>
    noGrad(() => tf.tidy(() => new Parameter(compute(), { name: `${weight.name}_${suffix}`, ...attributes })));
  const g = make('g', () => lengths(weight, axis).norms);
  const v = make('v', () => tf.tensor(weight.dataSync().slice(), weight.shape, 'float32'));
  removeMember(layer, name);
  weight.dispose();
  layer.addParameter(`${name}_g`, g);
  layer.addParameter(`${name}_v`, v);
  axes.set(layer, (axes.get(layer) ?? new Map<string, number | null>()).set(name, axis));
  computeBeforeForward(layer, name, () =>
    normalised(parameterOf(layer, `${name}_v`), parameterOf(layer, `${name}_g`), axis),
  );
  return layer;
}

/**
 * Undoes {@link weightNorm}: the weight is a parameter again.
 *
 * @param options - `name`: name of the parameter. @defaultValue 'weight'
 * @returns the layer
 */
export function removeWeightNorm<L extends AnyLayer>(layer: L, options: { readonly name?: string } = {}): L {
  checkOptions('removeWeightNorm', options, ['name']);
  const { name = 'weight' } = options;
  const axis = axes.get(layer)?.get(name);
  if (axis === undefined) throw new InvalidArgumentError(`'${name}' of the layer has no weight normalisation`);
  const [g, v] = [parameterOf(layer, `${name}_g`), parameterOf(layer, `${name}_v`)];
  const { learningRate, regularizer, needClip, trainable } = v;
  const attributes = { learningRate, regularizer, needClip, trainable, name: v.name.replace(/_v$/, '') };
  const weight = noGrad(() => tf.tidy(() => new Parameter(normalised(v, g, axis), attributes)));
  stopComputing(layer, name);
  axes.get(layer)?.delete(name);
  for (const [suffix, parameter] of Object.entries({ g, v })) {
    removeMember(layer, `${name}_${suffix}`);
    parameter.dispose();
  }
  layer.addParameter(name, weight);
  return layer;
}

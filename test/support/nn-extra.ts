/**
 * What real Paddle computed for functions and layers: test/oracle/nn-extra.json, written by nn_extra.py.
 */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { image, uniform, type Digest } from './oracle.js';

/** Kind, shape, and a number of classes or the values of an input. */
type InputSpec = readonly [kind: string, shape: number[], rest?: number | number[]];

/** A case of a function. */
export interface ExtraCase {
  readonly inputs: readonly InputSpec[];
  readonly shape: number[];
  readonly y: Digest;
  readonly gradients: readonly (Digest | null)[];
  readonly parameters: Readonly<Record<string, Digest>>;
}

/** A case of a layer. */
interface ExtraLayerCase extends ExtraCase {
  readonly keys: readonly string[];
  readonly text: string;
}

interface ExtraValues {
  readonly salt: string;
  readonly functions: Readonly<Record<string, ExtraCase>>;
  readonly layers: Readonly<Record<string, ExtraLayerCase>>;
}

/** All cases. */
export const extra = JSON.parse(
  readFileSync(new URL('../oracle/nn-extra.json', import.meta.url), 'utf8'),
) as ExtraValues;

/** True for kinds of inputs that gradients are taken by. */
const isDifferentiable = (kind: string) => ['image', 'wide', 'share'].includes(kind);

/** An input by its kind and shape, as nn_extra.py makes it. */
function inputOf(key: string, [kind, shape, rest]: InputSpec): Tensor {
  const drawn = (value: (u: number) => number, dtype: 'float32' | 'int32' = 'float32') =>
    tf.tensor(Float32Array.from(uniform(key, sizeOf(shape), extra.salt), value), shape, dtype);
  switch (kind) {
    case 'image':
      return image(key, shape, extra.salt);
    case 'wide':
      return tf.tidy(() => tf.mul(image(key, shape, extra.salt), 3));
    case 'share':
      return drawn((u) => 0.05 + 0.9 * u);
    case 'bits':
      return drawn((u) => Number(u > 0.5));
    case 'signs':
      return drawn((u) => (u > 0.5 ? 1 : -1));
    case 'counts':
      return drawn((u) => Math.floor(5 * u));
    case 'labels':
      return drawn((u) => Math.floor(u * (rest as number)), 'int32');
    default:
      return tf.tensor(rest as number[], shape, 'int32');
  }
}

/** The inputs of a case; those of floats take gradients. */
export function inputsOf({ inputs }: ExtraCase): Tensor[] {
  return inputs.map((spec, index) => {
    const input = inputOf(`x${index}`, spec);
    input.stopGradient = !isDifferentiable(spec[0]);
    return input;
  });
}

import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { NdArray } from '../common/ndarray.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions, describeValue } from '../common/options.js';
import type { RandomStream } from '../common/random.js';
import { RandomOrderSampler } from './sampler.js';
import { isTensorLike } from './stack.js';

/** One number for each sample: an array, a typed array, an {@link NdArray} or a tensor of one axis. */
export type SampleWeights = readonly number[] | Float32Array | Float64Array | Int32Array | NdArray | Tensor;

/** Options of {@link WeightedRandomSampler}. */
export interface WeightedRandomSamplerOptions {
  /** Draw each index independently of the others. @defaultValue true */
  readonly replacement?: boolean;
}

function readWeights(weights: SampleWeights): Float64Array {
  const { shape } = weights as { readonly shape?: readonly number[] };
  if (shape !== undefined && shape.length !== 1) {
    throw new InvalidArgumentError(`weights must have one axis, got ${describeValue(weights)}`);
  }
  const values = weights instanceof NdArray ? weights.data : isTensorLike(weights) ? weights.dataSync() : weights;
  if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
    throw new InvalidArgumentError(`weights must be an array of numbers, got ${describeValue(weights)}`);
  }
  const numbers = Float64Array.from(values as ArrayLike<number | bigint>, Number);
  numbers.forEach((weight, index) => checkNumber(`weights[${index}]`, weight, 0));
  return numbers;
}

/**
 * Indices drawn in proportion to weights, others in each pass.
 *
 * Without replacement each next index is drawn in proportion to the weights of those that are left (by the keys of
 * Efraimidis and Spirakis, 2006).
 */
export class WeightedRandomSampler extends RandomOrderSampler {
  readonly #weights: Float64Array;
  readonly #numSamples: number;
  readonly #replacement: boolean;

  /**
   * @param weights - a number of at least 0 for each sample; they need not add up to 1
   * @param numSamples - number of indices in a pass
   */
  constructor(weights: SampleWeights, numSamples: number, options: WeightedRandomSamplerOptions = {}) {
    super();
    checkOptions('WeightedRandomSampler', options, ['replacement']);
    this.#numSamples = checkInteger('numSamples', numSamples, 1);
    this.#replacement = checkBoolean('replacement', options.replacement ?? true);
    this.#weights = readWeights(weights);
    const positive = this.#weights.filter((weight) => weight > 0).length;
    if (positive === 0) throw new InvalidArgumentError('weights must have a positive number');
    if (!this.#replacement && positive < numSamples) {
      throw new InvalidArgumentError(
        `without replacement weights must have at least numSamples (${numSamples}) positive numbers, got ${positive}`,
      );
    }
  }

  get length(): number {
    return this.#numSamples;
  }

  /** @hidden */
  protected draw(stream: RandomStream): Iterable<number> {
    return this.#replacement ? this.#drawWith(stream) : this.#drawWithout(stream);
  }

  *#drawWith(stream: RandomStream): Generator<number> {
    let total = 0;
    const sums = this.#weights.map((weight) => (total += weight));
    for (let i = 0; i < this.#numSamples; i++) {
      const target = stream.uniform(0, total);
      let low = 0;
      let high = sums.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((sums[middle] ?? 0) > target) high = middle;
        else low = middle + 1;
      }
      yield low;
    }
  }

  #drawWithout(stream: RandomStream): number[] {
    const keys = Array.from(this.#weights, (weight) => -Math.log(1 - stream.uniform()) / weight);
    return Array.from(keys.keys())
      .filter((index) => (this.#weights[index] ?? 0) > 0)
      .sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0))
      .slice(0, this.#numSamples);
  }
}

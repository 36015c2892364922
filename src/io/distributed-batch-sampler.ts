import { InvalidArgumentError } from '../common/errors.js';
import { checkBoolean, checkInteger, checkOptions } from '../common/options.js';
import { MersenneTwister } from './mersenne-twister.js';
import type { OrderState, Resumable, Sized } from './sampler.js';

/** Options of {@link DistributedBatchSampler}. */
export interface DistributedBatchSamplerOptions {
  /** Number of processes that share the data. @defaultValue 1 */
  readonly numReplicas?: number | null;
  /** Number of this process, from 0. @defaultValue 0 */
  readonly rank?: number | null;
  /** Another order in each pass, the same in all processes. @defaultValue false */
  readonly shuffle?: boolean;
  /** Leave the last batch out when it is not full. @defaultValue false */
  readonly dropLast?: boolean;
}

/**
 * Batches of indices for one of several processes that share a data set.
 *
 * Each process gets equally many indices; the first ones come twice when the number does not divide. The order of a shuffled
 * pass follows from its number alone and is that of Paddle, not from the seed.
 */
export class DistributedBatchSampler implements Iterable<number[]>, Sized, Resumable {
  /** Number of indices in a batch. */
  readonly batchSize: number;
  readonly #dataset: Sized;
  readonly #numReplicas: number;
  readonly #rank: number;
  readonly #shuffle: boolean;
  readonly #dropLast: boolean;
  #epoch = 0;

  constructor(dataset: Sized, batchSize: number, options: DistributedBatchSamplerOptions = {}) {
    checkOptions('DistributedBatchSampler', options, ['numReplicas', 'rank', 'shuffle', 'dropLast']);
    this.#dataset = dataset;
    this.batchSize = checkInteger('batchSize', batchSize, 1);
    this.#numReplicas = checkInteger('numReplicas', options.numReplicas ?? 1, 1);
    this.#rank = checkInteger('rank', options.rank ?? 0, 0);
    if (this.#rank >= this.#numReplicas) {
      throw new InvalidArgumentError(`rank must be less than numReplicas, ${this.#numReplicas}, got ${this.#rank}`);
    }
    this.#shuffle = checkBoolean('shuffle', options.shuffle ?? false);
    this.#dropLast = checkBoolean('dropLast', options.dropLast ?? false);
  }

  /** Number of indices that this process gets in a pass. */
  get #numSamples(): number {
    return Math.ceil(this.#dataset.length / this.#numReplicas);
  }

  get length(): number {
    const count = this.#numSamples / this.batchSize;
    return this.#dropLast ? Math.floor(count) : Math.ceil(count);
  }

  /** Sets the number of the next pass. */
  setEpoch(epoch: number): void {
    this.#epoch = checkInteger('epoch', epoch, 0);
  }

  /** The number of the next pass. */
  stateDict(): OrderState {
    return { epoch: this.#epoch };
  }

  /** Goes on with the given pass. */
  setStateDict(state: OrderState): void {
    this.setEpoch(checkInteger('state.epoch', state.epoch, 0));
  }

  /** A pass over the batches. */
  *[Symbol.iterator](): Iterator<number[]> {
    const own = this.#ownIndices();
    for (let start = 0; start < own.length; start += this.batchSize) {
      const batch = own.slice(start, start + this.batchSize);
      if (batch.length === this.batchSize || !this.#dropLast) yield batch;
    }
  }

  /** The indices of this process: rounds of one batch for each process, and an equal share of the rest. */
  #ownIndices(): number[] {
    const { length } = this.#dataset;
    const indices = Array.from({ length: this.#numSamples * this.#numReplicas }, (_, i) => i % length);
    if (this.#shuffle) new MersenneTwister(this.#epoch++).shuffle(indices);
    const round = this.batchSize * this.#numReplicas;
    const rest = indices.length % round;
    const full = indices.length - rest;
    const own: number[] = [];
    for (let start = this.#rank * this.batchSize; start < full; start += round) {
      own.push(...indices.slice(start, start + this.batchSize));
    }
    const share = rest / this.#numReplicas;
    return [...own, ...indices.slice(full + this.#rank * share, full + (this.#rank + 1) * share)];
  }
}

/**
 * What a training came to.
 *
 * @module
 */
import type { LogValue } from './events.js';

/** Loss and metrics over all batches of a pass. */
export interface PassResult {
  /** Mean over the samples of the loss, several losses added up. Undefined without a loss. */
  readonly loss: number | undefined;
  /** Every metric under its name. */
  readonly metrics: Readonly<Record<string, LogValue>>;
}

/** An epoch of a training. */
export interface EpochRecord extends PassResult {
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Mean over the samples of the loss, several losses added up. */
  readonly loss: number;
  /** The evaluation after the epoch; absent when there was none. */
  readonly val?: PassResult;
  /** Learning rate after the epoch's last batch. */
  readonly learningRate: number;
  /** Duration of the training, without the evaluation. */
  readonly seconds: number;
  /** Training samples per second. */
  readonly samplesPerSecond: number;
}

/** What `fit` resolves to: a plain object that `JSON.stringify` takes. */
export interface History {
  /** The epochs that ran, in order. */
  readonly epochs: readonly EpochRecord[];
}

/** What {@link LossMean} has added up. */
export interface LossMeanState {
  readonly sum: number;
  readonly samples: number;
}

/** Adds up the losses of a pass, weighted by the number of samples. */
export class LossMean {
  #sum = 0;
  #samples = 0;

  /** Adds a batch. */
  add(losses: readonly number[], samples: number): void {
    this.#samples += samples;
    for (const loss of losses) this.#sum += loss * samples;
  }

  /** The sums, to go on from. */
  get state(): LossMeanState {
    return { sum: this.#sum, samples: this.#samples };
  }

  /** Goes on from a state. */
  restore({ sum, samples }: LossMeanState): void {
    this.#sum = sum;
    this.#samples = samples;
  }

  /** Samples so far. */
  get samples(): number {
    return this.#samples;
  }

  /** The mean, NaN without samples. */
  get value(): number {
    return this.#sum / this.#samples;
  }
}

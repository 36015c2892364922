/**
 * The order in which samples are used.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { checkBoolean, checkInteger, checkOptions } from '../common/options.js';
import { getSeed, nextStream, RandomStream } from '../common/random.js';

/** Something with a number of samples. */
export interface Sized {
  /** Number of samples. */
  readonly length: number;
}

/** Where a source of random order stands: what its next pass depends on, beside the seed. A plain object of JSON's values. */
export type OrderState = Readonly<Record<string, unknown>>;

/** Something whose passes differ, and that can go on where an equal one stood, possibly in another process. */
export interface Resumable {
  /** Where it stands between two passes. */
  stateDict(): OrderState;
  /** Goes on from a state of `stateDict`. */
  setStateDict(state: OrderState): void;
}

/** True for a source of batches or indices that has a state. */
export function isResumable(value: unknown): value is Resumable {
  const { stateDict, setStateDict } = (value ?? {}) as Partial<Resumable>;
  return typeof stateDict === 'function' && typeof setStateDict === 'function';
}

/** Gives the indices of samples; each iteration is a pass over the data. */
export abstract class Sampler implements Iterable<number>, Sized {
  /** Number of indices in a pass. */
  abstract get length(): number;

  /** A pass over the indices. */
  abstract [Symbol.iterator](): Iterator<number>;
}

/** Sets the number of the next pass in whatever keeps count of passes; nothing else has one. */
export function setSamplerEpoch(sampler: object, epoch: number): void {
  const { setEpoch } = sampler as { setEpoch?: unknown };
  if (typeof setEpoch === 'function') setEpoch.call(sampler, epoch);
}

/** All indices in their order. */
export class SequenceSampler extends Sampler {
  readonly #source: Sized;

  constructor(dataSource: Sized) {
    super();
    this.#source = dataSource;
  }

  get length(): number {
    return this.#source.length;
  }

  /** A pass over the indices. */
  *[Symbol.iterator](): Iterator<number> {
    for (let index = 0; index < this.#source.length; index++) yield index;
  }
}

/**
 * Indices in random order, another one in each pass. The order depends on the seed, on how many such samplers were made
 * before, and on the number of the pass: the first is epoch 0, unless `setEpoch` says otherwise.
 */
export abstract class RandomOrderSampler extends Sampler implements Resumable {
  #number = nextStream('shuffle').uint32();
  #epoch = 0;

  /**
   * The indices of a pass, drawn from its own random numbers.
   *
   * @hidden
   */
  protected abstract draw(stream: RandomStream): Iterable<number>;

  /** Sets the number of the next pass. */
  setEpoch(epoch: number): void {
    this.#epoch = checkInteger('epoch', epoch, 0);
  }

  /** Which random orders these are, and the number of the next pass. */
  stateDict(): OrderState {
    return { number: this.#number, epoch: this.#epoch };
  }

  /** Goes on with the orders of another sampler. */
  setStateDict(state: OrderState): void {
    const number = checkInteger('state.number', state.number, 0);
    this.setEpoch(checkInteger('state.epoch', state.epoch, 0));
    this.#number = number;
  }

  /** A pass over the indices. */
  *[Symbol.iterator](): Iterator<number> {
    yield* this.draw(new RandomStream(getSeed(), 'shuffle', this.#number, this.#epoch++));
  }
}

/** Options of {@link RandomSampler}. */
export interface RandomSamplerOptions {
  /** Draw each index independently of the others. @defaultValue false */
  readonly replacement?: boolean;
  /** Number of indices in a pass. @defaultValue the number of samples */
  readonly numSamples?: number | null;
  /** Indices to use in place of random ones; a pass ends when they do. @defaultValue null */
  readonly generator?: Iterable<number> | null;
}

/**
 * Indices in random order, another one in each pass. The order depends on the seed, on how many such samplers were made
 * before, and on the number of the pass: the first is epoch 0, unless `setEpoch` says otherwise.
 */
export class RandomSampler extends RandomOrderSampler {
  readonly #source: Sized;
  readonly #replacement: boolean;
  readonly #numSamples: number | null;
  readonly #generator: Iterable<number> | null;

  constructor(dataSource: Sized, options: RandomSamplerOptions = {}) {
    super();
    checkOptions('RandomSampler', options, ['replacement', 'numSamples', 'generator']);
    this.#source = dataSource;
    this.#replacement = checkBoolean('replacement', options.replacement ?? false);
    this.#numSamples = options.numSamples == null ? null : checkInteger('numSamples', options.numSamples, 1);
    this.#generator = options.generator ?? null;
  }

  get length(): number {
    const available = this.#source.length;
    const count = this.#numSamples ?? available;
    if (count > available && !this.#replacement && this.#generator === null) {
      throw new InvalidArgumentError(
        `numSamples must be at most ${available}, the number of samples, without replacement, got ${count}`,
      );
    }
    return count;
  }

  /** @hidden */
  protected *draw(stream: RandomStream): Generator<number> {
    const count = this.length;
    if (this.#generator !== null) {
      let drawn = 0;
      for (const index of this.#generator) {
        if (drawn++ === count) return;
        yield index;
      }
    } else if (this.#replacement) {
      for (let i = 0; i < count; i++) yield stream.integer(this.#source.length);
    } else {
      yield* stream.permutation(this.#source.length).slice(0, count);
    }
  }
}

/** Options of {@link BatchSampler}. */
export interface BatchSamplerOptions {
  /** The data whose indices are used, in order or shuffled. */
  readonly dataset?: Sized | null;
  /** The indices to use instead. */
  readonly sampler?: (Iterable<number> & Sized) | null;
  /** Shuffle the data set's indices. @defaultValue false */
  readonly shuffle?: boolean;
  /** Number of indices in a batch. @defaultValue 1 */
  readonly batchSize?: number;
  /** Leave the last batch out when it is not full. @defaultValue false */
  readonly dropLast?: boolean;
}

/** Batches of indices. */
export class BatchSampler implements Iterable<number[]>, Sized, Resumable {
  /** The indices that are put together. */
  readonly sampler: Iterable<number> & Sized;
  /** Number of indices in a batch. */
  readonly batchSize: number;
  /** Whether the last batch is left out when it is not full. */
  readonly dropLast: boolean;

  constructor(options: BatchSamplerOptions = {}) {
    checkOptions('BatchSampler', options, ['dataset', 'sampler', 'shuffle', 'batchSize', 'dropLast']);
    const { dataset, sampler } = options;
    const shuffle = checkBoolean('shuffle', options.shuffle ?? false);
    if ((dataset == null) === (sampler == null)) {
      throw new InvalidArgumentError('BatchSampler needs either dataset or sampler');
    }
    if (sampler != null && shuffle) throw new InvalidArgumentError('shuffle has no effect with a sampler');
    this.batchSize = checkInteger('batchSize', options.batchSize ?? 1, 1);
    this.dropLast = checkBoolean('dropLast', options.dropLast ?? false);
    const source = dataset ?? { length: 0 };
    this.sampler = sampler ?? (shuffle ? new RandomSampler(source) : new SequenceSampler(source));
  }

  /** Sets the number of the sampler's next pass, when the sampler keeps count. */
  setEpoch(epoch: number): void {
    setSamplerEpoch(this.sampler, checkInteger('epoch', epoch, 0));
  }

  get length(): number {
    const count = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(count) : Math.ceil(count);
  }

  /** The state of the sampler; empty when it has none. */
  stateDict(): OrderState {
    return isResumable(this.sampler) ? this.sampler.stateDict() : {};
  }

  /** Restores the state of the sampler, when it has one. */
  setStateDict(state: OrderState): void {
    if (isResumable(this.sampler)) this.sampler.setStateDict(state);
  }

  /** A pass over the batches. */
  *[Symbol.iterator](): Iterator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

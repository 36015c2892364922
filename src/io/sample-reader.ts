/**
 * Reading the samples of a batch, on any thread.
 *
 * Random numbers that a sample draws, such as those of transforms, follow from the seed, the pass and the sample's index:
 * they are the same whoever reads it, and in whatever order.
 *
 * @module
 */
import { inStreamScope } from '../common/random.js';
import type { Dataset } from './dataset.js';
import type { IterableDataset } from './iterable-dataset.js';

/** Samples to read. */
export interface BatchOrder {
  /** Name of the pass's random streams. */
  readonly streams: string;
  /** Indices of the samples. */
  readonly indices: readonly number[];
  /** Number of the batch in the pass. */
  readonly number: number;
  /** How often each index came before in the pass; undefined when none did. */
  readonly repeats?: readonly number[];
}

const named = new WeakSet<Error>();

/** The error, with the sample that it came from in its message. */
function nameSample(error: unknown, sample: string): Error {
  const failure = error instanceof Error ? error : new Error(String(error), { cause: error });
  if (!named.has(failure)) failure.message = `${sample}: ${failure.message}`;
  named.add(failure);
  return failure;
}

function readSample<Sample>(dataset: Dataset<Sample>, index: number): Sample | Promise<Sample> {
  return dataset.getItem(index);
}

/** Reads samples by their indices. A promise comes only when the data set gives one. */
export function readBatch<Sample>(dataset: Dataset<Sample>, order: BatchOrder): Sample[] | Promise<Sample[]> {
  const { indices, repeats, streams } = order;
  const samples: (Sample | Promise<Sample>)[] = [];
  let waits = false;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] ?? 0;
    const before = repeats?.[i];
    try {
      const sample = inStreamScope(
        before ? `${streams}#${before}` : streams,
        index,
        readSample<Sample>,
        dataset,
        index,
      );
      if (sample instanceof Promise) {
        waits = true;
        // A failure surfaces when it is this sample's turn.
        sample.catch(() => undefined);
      }
      samples.push(sample);
    } catch (error) {
      const failure = nameSample(error, `sample ${index}`);
      if (!waits) throw failure;
      const rejected = Promise.reject<Sample>(failure);
      rejected.catch(() => undefined);
      samples.push(rejected);
      break;
    }
  }
  return waits ? settle(samples, indices) : (samples as Sample[]);
}

async function settle<Sample>(
  samples: readonly (Sample | Promise<Sample>)[],
  indices: readonly number[],
): Promise<Sample[]> {
  const settled: Sample[] = [];
  for (const [i, sample] of samples.entries()) {
    try {
      settled.push(await sample);
    } catch (error) {
      throw nameSample(error, `sample ${indices[i] ?? 0}`);
    }
  }
  return settled;
}

/**
 * Puts the samples of a batch together. Random numbers that this draws follow from the seed, the pass and the batch's number.
 *
 * @param streams - name of the pass's random streams
 */
export function collateBatch<Sample, Batch>(
  collate: (samples: Sample[]) => Batch,
  samples: Sample[],
  streams: string,
  number: number,
): Batch {
  return inStreamScope(`${streams}/batch`, number, collate, samples);
}

/** Reads an iterable data set from front to back. */
export class SampleStream<Sample> {
  readonly #streams: string;
  readonly #iterator: Iterator<Sample> | AsyncIterator<Sample>;
  #read = 0;

  /** @param streams - name of the pass's random streams in this thread */
  constructor(dataset: IterableDataset<Sample>, streams: string) {
    this.#streams = streams;
    const samples = dataset.iterate();
    this.#iterator = Symbol.asyncIterator in samples ? samples[Symbol.asyncIterator]() : samples[Symbol.iterator]();
  }

  /** The next samples; fewer than `count` at the end. */
  async read(count: number): Promise<Sample[]> {
    const samples: Sample[] = [];
    while (samples.length < count) {
      try {
        const result = inStreamScope(this.#streams, this.#read, () => this.#iterator.next());
        const next: IteratorResult<Sample, unknown> = result instanceof Promise ? await result : result;
        if (next.done) break;
        samples.push(next.value);
      } catch (error) {
        throw nameSample(error, `sample ${this.#read} of the pass`);
      }
      this.#read++;
    }
    return samples;
  }

  /** Ends the pass. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

/** The batches of an iterable data set by their numbers, in whatever order they are asked for. Each is given once. */
export class StreamBatches<Sample> {
  readonly #stream: Promise<SampleStream<Sample>>;
  readonly #count: number;
  /** Batches that are read, but not given yet: later ones were asked for first. */
  readonly #waiting = new Map<number, Promise<Sample[]>>();
  #last: Promise<Sample[]> = Promise.resolve([]);
  #asked = 0;

  /**
   * @param stream - the samples; the batches own them
   * @param count - number of samples in a batch
   */
  constructor(stream: Promise<SampleStream<Sample>>, count: number) {
    this.#stream = stream;
    this.#count = count;
  }

  /** True when a batch was given already. */
  gave(number: number): boolean {
    return number < this.#asked && !this.#waiting.has(number);
  }

  /** The samples of a batch; fewer at the end. Batches before it are read first. */
  give(number: number): Promise<Sample[]> {
    for (; this.#asked <= number; this.#asked++) {
      this.#last = this.#readAfter(this.#last);
      // A failure surfaces when its batch is given.
      this.#last.catch(() => undefined);
      this.#waiting.set(this.#asked, this.#last);
    }
    const batch = this.#waiting.get(number);
    this.#waiting.delete(number);
    return batch ?? Promise.reject(new RangeError(`batch ${number} was given already`));
  }

  async #readAfter(before: Promise<Sample[]>): Promise<Sample[]> {
    await before;
    return (await this.#stream).read(this.#count);
  }

  /** Ends the pass after what was asked for. One that failed has ended. */
  async close(): Promise<void> {
    try {
      await this.#last;
    } catch {
      return;
    }
    await (await this.#stream).close();
  }
}

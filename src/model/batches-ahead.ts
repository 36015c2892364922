/**
 * Getting the next batch early.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import type { BatchSource } from './batch-source.js';
import { flattenBatch } from './fields.js';

type Next = IteratorResult<unknown, void>;

/** The batches of a pass, of which the next can be made before it is asked for. */
export class BatchesAhead {
  readonly #source: BatchSource;
  readonly #batches: AsyncGenerator<unknown, void, undefined>;
  #early: Promise<Next> | undefined;

  constructor(source: BatchSource, skip: number) {
    this.#source = source;
    this.#batches = source.pass(skip);
  }

  /** The next batch. */
  next(): Promise<Next> {
    const early = this.#early;
    this.#early = undefined;
    return early ?? this.#batches.next();
  }

  /**
   * Makes the next batch where that is nobody else's business: other data than a loader's may depend on what happens
   * until it is asked for. A batch that has to be waited for, as one of a slow disk, goes on being made. An error waits for
   * {@link BatchesAhead.next}.
   */
  async prefetch(): Promise<void> {
    if (!this.#source.isLoader) return;
    this.#early = this.#batches.next();
    const settled = this.#early.catch(() => undefined);
    await Promise.race([settled, setImmediate()]);
  }

  /** Ends the pass. */
  async close(): Promise<void> {
    const early = await this.#early?.catch(() => undefined);
    if (early && !early.done) this.#source.release(flattenBatch(early.value));
    await this.#batches.return();
  }
}

/**
 * What the main thread and data workers tell each other.
 *
 * @module
 */
import type { Encoded } from './batch-message.js';
import type { Packed } from './portable.js';
import type { BatchOrder } from './sample-reader.js';

/** How samples become a batch. */
export type BatchForm =
  /** By the standard rules. */
  | 'stacked'
  /** There is one sample only, and it is not stacked. */
  | 'single'
  /** By the user's `collateFn`. */
  | 'custom';

/** Given to a worker when it starts. */
export interface WorkerSetup {
  readonly id: number;
  readonly numWorkers: number;
  readonly form: BatchForm;
  readonly dataset: Packed;
  readonly collateFn: Packed;
  readonly workerInitFn: Packed;
}

/** How an iterable data set is read in a pass. */
export interface StreamPass {
  /** Name of the pass's random streams. */
  readonly streams: string;
  /** Number of samples in a batch. */
  readonly count: number;
  /** Whether a batch that is not full is left out. */
  readonly dropLast: boolean;
}

/** A batch of an iterable data set to read. */
export interface StreamOrder extends StreamPass {
  /** Number of the batch among those of the worker in the pass. */
  readonly number: number;
}

/** What a worker is asked for. */
export interface WorkerTask {
  /** The library's seed. */
  readonly seed: number;
  /** The batch to load; null to get ready only. */
  readonly order: BatchOrder | StreamOrder | null;
}

/** An error of a worker. */
export interface WorkerFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: unknown;
}

/** What a worker answers to a task. */
export type WorkerAnswer =
  | { readonly kind: 'batch'; readonly batch: Encoded }
  /** There are no more samples, or none were asked for. */
  | { readonly kind: 'end' }
  | { readonly kind: 'failure'; readonly failure: WorkerFailure };

import type { Dataset } from './dataset.js';

/** What a data worker knows of itself. */
export interface WorkerInfo {
  /** Number of the worker, from 0. */
  readonly id: number;
  /** Number of workers of the loader. */
  readonly numWorkers: number;
  /** Seed of the library in this worker, that of the main thread. */
  readonly seed: number;
  /** The worker's copy of the data set. */
  readonly dataset: Dataset;
}

let current: WorkerInfo | null = null;

/** Sets what {@link getWorkerInfo} gives in this thread. */
export function setWorkerInfo(info: WorkerInfo): void {
  current = Object.freeze(info);
}

/** What a data worker knows of itself; null on the main thread. */
export function getWorkerInfo(): WorkerInfo | null {
  return current;
}

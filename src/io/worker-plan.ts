/**
 * Whether and how a loader's work goes to workers.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { warn } from '../common/warn.js';
import { modulesOf, NotPortableError, pack } from './portable.js';
import type { BatchForm, WorkerSetup } from './worker-messages.js';

/** What a loader wants its workers to do. */
export interface WorkerJob {
  readonly dataset: unknown;
  readonly collateFn: unknown;
  readonly workerInitFn: unknown;
  readonly form: BatchForm;
}

/** URL of the script that the process runs. */
function mainModule(): string | undefined {
  const [, script] = process.argv;
  try {
    return script === undefined ? undefined : pathToFileURL(realpathSync(script)).href;
  } catch {
    return undefined;
  }
}

const said = new Set<string>();

/**
 * What to give to each of `numWorkers` workers. Undefined when something cannot go there: then this says why, once.
 */
export function planWorkers(job: WorkerJob, numWorkers: number): WorkerSetup[] | undefined {
  try {
    const packed = {
      form: job.form,
      dataset: pack(job.dataset, 'dataset'),
      collateFn: pack(job.collateFn, 'collateFn'),
      workerInitFn: pack(job.workerInitFn, 'workerInitFn'),
    };
    const main = mainModule();
    for (const part of ['dataset', 'collateFn', 'workerInitFn'] as const) {
      if (main === undefined || ![...modulesOf(packed[part])].includes(main)) continue;
      throw new NotPortableError(`${part} is of ${main}, the program itself, which workers would run again`);
    }
    return Array.from({ length: numWorkers }, (_, id) => ({ id, numWorkers, ...packed }));
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error;
    const message = `numWorkers: samples are loaded on the main thread, because ${error.message}`;
    if (!said.has(message)) warn(message);
    said.add(message);
    return undefined;
  }
}

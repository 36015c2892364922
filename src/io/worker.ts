/**
 * What runs in a data worker.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import { getSeed, seed } from '../common/random.js';
import { BatchEncoder, type ArrayUse } from './batch-message.js';
import type { Dataset } from './dataset.js';
import type { IterableDataset } from './iterable-dataset.js';
import { unpack } from './portable.js';
import { collateBatch, readBatch, SampleStream, StreamBatches } from './sample-reader.js';
import { stackSamples, stackTensorValues } from './stack.js';
import { setWorkerInfo } from './worker-info.js';
import type {
  BatchForm,
  StreamOrder,
  WorkerAnswer,
  WorkerFailure,
  WorkerSetup,
  WorkerTask,
} from './worker-messages.js';

const arrayUse: Readonly<Record<BatchForm, ArrayUse>> = {
  stacked: 'tensors of new arrays',
  single: 'tensors',
  custom: 'arrays',
};

const stackValues = (samples: readonly unknown[]): unknown => stackSamples(samples, stackTensorValues);

/** True when this module itself is TypeScript: then its loader runs in this thread already. */
let loadsTypeScript = import.meta.url.endsWith('.ts');

/** Imports a module of the user, which may be TypeScript when the user's project has tsx (or Node takes TypeScript). */
async function load(url: string): Promise<Readonly<Record<string, unknown>>> {
  if (!loadsTypeScript && /\.[cm]?tsx?$/.test(url.replace(/[?#].*$/, ''))) {
    loadsTypeScript = true;
    let api: string | undefined;
    try {
      // The module beside the one for require, which does not work in every version.
      api = createRequire(url)
        .resolve('tsx/esm/api')
        .replace(/\.cjs$/, '.mjs');
    } catch {
      // Node may take TypeScript by itself; if it does not, the import says so.
    }
    if (api !== undefined) {
      const { register } = (await import(pathToFileURL(api).href)) as { register: () => void };
      register();
    }
  }
  return (await import(url)) as Readonly<Record<string, unknown>>;
}

/** Samples of a batch. */
interface SamplesRead {
  readonly samples: unknown[];
  /** Name of the random streams that they belong to. */
  readonly streams: string;
  /** Number of the batch in these. */
  readonly number: number;
}

/** A worker's part in the passes of a loader. */
class DataWorker {
  readonly #setup: WorkerSetup;
  readonly #dataset: Dataset;
  readonly #collate: (samples: unknown[]) => unknown;
  #stream: { readonly streams: string; readonly batches: StreamBatches<unknown> } | undefined;

  private constructor(setup: WorkerSetup, dataset: Dataset, collateFn: ((samples: unknown[]) => unknown) | null) {
    this.#setup = setup;
    this.#dataset = dataset;
    this.#collate = collateFn ?? (setup.form === 'single' ? ([sample]) => sample : stackValues);
  }

  static async start(setup: WorkerSetup, firstSeed: number): Promise<DataWorker> {
    const { id, numWorkers } = setup;
    seed(firstSeed);
    const dataset = (await unpack(setup.dataset, load)) as Dataset;
    setWorkerInfo({ id, numWorkers, seed: firstSeed, dataset });
    const collateFn = (await unpack(setup.collateFn, load)) as ((samples: unknown[]) => unknown) | null;
    const workerInitFn = (await unpack(setup.workerInitFn, load)) as ((id: number) => unknown) | null;
    await workerInitFn?.(id);
    await dataset.prepare();
    return new DataWorker(setup, dataset, collateFn);
  }

  async answer({ seed: taskSeed, order }: WorkerTask): Promise<readonly [WorkerAnswer, ArrayBuffer[]]> {
    if (taskSeed !== getSeed()) seed(taskSeed);
    if (order === null) return [{ kind: 'end' }, []];
    const read =
      'indices' in order ? { ...order, samples: await readBatch(this.#dataset, order) } : await this.#readStream(order);
    if (read === undefined) return [{ kind: 'end' }, []];
    const encoder = new BatchEncoder(arrayUse[this.#setup.form]);
    const batch = encoder.encode(await collateBatch(this.#collate, read.samples, read.streams, read.number));
    return [{ kind: 'batch', batch }, encoder.transfers];
  }

  async #readStream({ streams: pass, count, dropLast, number }: StreamOrder): Promise<SamplesRead | undefined> {
    const streams = `${pass}/${this.#setup.id}`;
    if (this.#stream?.streams !== streams || this.#stream.batches.gave(number)) {
      const samples = this.#startStream(streams, this.#stream?.batches);
      this.#stream = { streams, batches: new StreamBatches(samples, count) };
    }
    const samples = await this.#stream.batches.give(number);
    if (samples.length === 0 || (dropLast && samples.length < count)) return undefined;
    return { samples, streams, number };
  }

  async #startStream(streams: string, before: StreamBatches<unknown> | undefined): Promise<SampleStream<unknown>> {
    await before?.close();
    return new SampleStream(this.#dataset as IterableDataset, streams);
  }
}

function describeFailure(error: unknown): WorkerFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, code: undefined };
  const { name, message, stack } = error;
  return { name, message, stack, code: (error as { code?: unknown }).code };
}

let starting: Promise<DataWorker> | undefined;

/** Loads a batch. Never rejects: errors are answers. */
export default async function loadBatch(task: WorkerTask): Promise<unknown> {
  let answer: WorkerAnswer;
  let transfers: ArrayBuffer[] = [];
  try {
    starting ??= DataWorker.start(Piscina.workerData as WorkerSetup, task.seed);
    [answer, transfers] = await (await starting).answer(task);
  } catch (error) {
    answer = { kind: 'failure', failure: describeFailure(error) };
  }
  const moved: unknown = { [Piscina.valueSymbol]: answer, [Piscina.transferableSymbol]: transfers };
  return Piscina.move(moved as ArrayBuffer);
}

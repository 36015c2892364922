/**
 * A loader's pass over its data, on the main thread or in workers.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { getSeed } from '../common/random.js';
import { decodeBatch } from './batch-message.js';
import { toTensors } from './collate.js';
import type { Dataset } from './dataset.js';
import type { IterableDataset } from './iterable-dataset.js';
import { readBatch, SampleStream, type BatchOrder } from './sample-reader.js';
import type { StreamPass, WorkerAnswer } from './worker-messages.js';
import type { WorkerPool } from './worker-pool.js';

/** Samples that are read, are being read, or could not be read. */
type Reading<Sample> = Sample[] | Promise<Sample[]>;

/** Reads now; a failure surfaces when its batch is due. */
function startReading<Sample>(dataset: Dataset<Sample>, order: BatchOrder): Reading<Sample> {
  let samples: Reading<Sample>;
  try {
    samples = readBatch(dataset, order);
  } catch (error) {
    samples = Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
  if (samples instanceof Promise) samples.catch(() => undefined);
  return samples;
}

/**
 * The samples of each batch, read on the main thread.
 *
 * @param ahead - number of batches that are read at the same time
 */
export async function* readHere<Sample>(
  dataset: Dataset<Sample>,
  orders: Iterator<BatchOrder>,
  ahead: number,
): AsyncGenerator<Sample[], void, undefined> {
  const readings: Reading<Sample>[] = [];
  for (;;) {
    while (readings.length < ahead) {
      const order = orders.next();
      if (order.done) break;
      readings.push(startReading(dataset, order.value));
    }
    const next = readings.shift();
    if (next === undefined) return;
    const samples = next instanceof Promise ? await next : next;
    // Timers and the finalisers of tensors run between batches.
    await setImmediate();
    yield samples;
  }
}

/**
 * The samples of each batch of an iterable data set, read on the main thread.
 *
 * @param skip - number of batches that are left out
 */
export async function* streamHere<Sample>(
  dataset: IterableDataset<Sample>,
  { streams, count, dropLast }: StreamPass,
  skip: number,
): AsyncGenerator<Sample[], void, undefined> {
  const stream = new SampleStream(dataset, `${streams}/0`);
  try {
    for (let batch = 0; ; batch++) {
      const samples = await stream.read(count);
      if (samples.length === 0 || (dropLast && samples.length < count)) return;
      if (batch < skip) continue;
      await setImmediate();
      yield samples;
    }
  } finally {
    await stream.close();
  }
}

/** A batch that a worker was asked for. */
interface Asked {
  readonly worker: number;
  readonly answer: Promise<WorkerAnswer>;
}

/** A batch of a worker's copy of an iterable data set. */
interface AskedOfStream extends Asked {
  /** Number of the batch among those of the worker. */
  readonly number: number;
}

/**
 * The batches that workers load, in order: batch i comes from worker i modulo their number.
 *
 * @param ahead - number of batches that each worker is asked for at the same time
 * @param skip - number of the first batch; `orders` begins with it
 */
export async function* readInWorkers(
  pool: WorkerPool,
  orders: Iterator<BatchOrder>,
  ahead: number,
  skip: number,
): AsyncGenerator<unknown, void, undefined> {
  const seed = getSeed();
  const asked: Asked[] = [];
  let next = skip;
  for (let batch = skip; ; batch++) {
    while (asked.length < ahead * pool.size) {
      const order = orders.next();
      if (order.done) break;
      const worker = next++ % pool.size;
      asked.push({ worker, answer: pool.ask(worker, { seed, order: order.value }) });
    }
    const first = asked.shift();
    if (first === undefined) return;
    const encoded = await pool.receive(first.answer, first.worker, batch);
    await setImmediate();
    yield encoded && decodeBatch(encoded, toTensors);
  }
}

/**
 * The batches of an iterable data set of which each worker has a copy. The workers take turns; one that has no more samples
 * leaves the round.
 *
 * @param ahead - number of batches that each worker is asked for at the same time
 * @param skip - number of batches that are left out
 */
export async function* streamInWorkers(
  pool: WorkerPool,
  pass: StreamPass,
  ahead: number,
  skip: number,
): AsyncGenerator<unknown, void, undefined> {
  const seed = getSeed();
  const ask = (worker: number, number: number): AskedOfStream => ({
    worker,
    number,
    answer: pool.ask(worker, { seed, order: { ...pass, number } }),
  });
  const asked = Array.from({ length: ahead * pool.size }, (_, i) => ask(i % pool.size, Math.floor(i / pool.size)));
  let batch = 0;
  for (let first = asked.shift(); first !== undefined; first = asked.shift()) {
    const encoded = await pool.receive(first.answer, first.worker, batch);
    if (encoded === undefined) continue;
    asked.push(ask(first.worker, first.number + ahead));
    if (batch++ < skip) continue;
    await setImmediate();
    yield decodeBatch(encoded, toTensors);
  }
}

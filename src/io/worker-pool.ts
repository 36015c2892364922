/**
 * The data workers of a loader, seen from the main thread.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { WorkerError } from '../common/errors.js';
import { getSeed } from '../common/random.js';
import type { Encoded } from './batch-message.js';
import type { WorkerAnswer, WorkerFailure, WorkerSetup, WorkerTask } from './worker-messages.js';

const fromSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(fromSource ? './worker-from-source.mjs' : './worker.js', import.meta.url));

/** Flags with a value, given after them or after '=', that say how modules are found and loaded. */
const loadingFlags = new Set([
  '--import',
  '--require',
  '-r',
  '--loader',
  '--experimental-loader',
  '--conditions',
  '-C',
]);
/** Flags without a value that workers take. */
const plainFlags = /^--(no-)?(experimental-[a-z-]+|enable-source-maps|preserve-symlinks|warnings|deprecation)$/;

/**
 * The flags of this process that workers need: how modules are loaded. Workers refuse many others. tsx does nothing in a
 * worker unless it is asked for there.
 */
export function workerFlags(flags: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] ?? '';
    const [name = ''] = flag.split('=', 1);
    if (plainFlags.test(flag)) kept.push(flag);
    if (!loadingFlags.has(name)) continue;
    const value = flag === name ? (flags[++i] ?? '') : flag.slice(name.length + 1);
    if (!/(^|[\\/])tsx([\\/]|$)/.test(value)) kept.push(name, value);
  }
  return kept;
}

/** An error with the stack that it had in its worker. */
function rebuildError({ name, message, stack, code }: WorkerFailure): Error {
  const error = new Error(message);
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}

/**
 * Worker threads, each with a queue of its own: whoever asks says which worker loads a batch.
 *
 * An idle worker does not keep the process alive. After an error the pool is of no more use.
 */
export class WorkerPool {
  /** Number of workers. */
  readonly size: number;
  readonly #workers: readonly Piscina<WorkerTask, WorkerAnswer>[];
  readonly #ready: readonly Promise<unknown>[];
  readonly #timeout: number;
  #broken = false;

  /**
   * @param setups - what each worker is given
   * @param ahead - number of batches that a worker is given at the same time
   * @param timeout - milliseconds that a batch is waited for, not counting the worker's start; 0 for ever
   */
  constructor(setups: readonly WorkerSetup[], ahead: number, timeout: number) {
    this.size = setups.length;
    this.#timeout = timeout;
    this.#workers = setups.map((workerData) => {
      const worker = new Piscina<WorkerTask, WorkerAnswer>({
        filename: entry,
        minThreads: 1,
        maxThreads: 1,
        concurrentTasksPerWorker: ahead,
        // Tasks that wait keep their order: those of a pass that was left come before those of the next.
        stricterFIFO: true,
        atomics: 'disabled',
        // Threads of an engine in every worker would take the processors from training.
        execArgv: workerFlags(process.execArgv),
        env: { ...process.env, PADDLEWHEEL_ENGINE: 'js' },
        workerData,
      });
      // Tasks tell of errors.
      worker.on('error', () => undefined);
      return worker;
    });
    const ready = { seed: getSeed(), order: null };
    // An error of the start is the answer to every task, too.
    this.#ready = this.#workers.map((_, id) => this.ask(id, ready).catch(() => undefined));
  }

  /** True when a worker failed, died, or was given up. */
  get isBroken(): boolean {
    return this.#broken;
  }

  /** Hands a task to a worker. The promise never rejects unheard. */
  ask(id: number, task: WorkerTask): Promise<WorkerAnswer> {
    const answer = this.#worker(id).run(task);
    answer.catch(() => {
      this.#broken = true;
    });
    return answer;
  }

  /**
   * Waits for an answer.
   *
   * @param batch - number of the batch, for errors
   * @returns the batch, or undefined when the worker has no more samples
   * @throws `WorkerError` with the worker's error as its cause
   */
  async receive(answer: Promise<WorkerAnswer>, id: number, batch: number): Promise<Encoded | undefined> {
    let received: WorkerAnswer;
    try {
      received = await this.#withinTime(answer, id, batch);
    } catch (error) {
      this.#broken = true;
      if (error instanceof WorkerError) throw error;
      throw new WorkerError(`data worker ${id} died before batch ${batch} came: ${(error as Error).message}`, {
        cause: error,
      });
    }
    if (received.kind === 'batch') return received.batch;
    if (received.kind === 'end') return undefined;
    this.#broken = true;
    const cause = rebuildError(received.failure);
    throw new WorkerError(`data worker ${id}, batch ${batch}: ${cause.name}: ${cause.message}`, { cause });
  }

  async #withinTime(answer: Promise<WorkerAnswer>, id: number, batch: number): Promise<WorkerAnswer> {
    if (this.#timeout === 0) return answer;
    await this.#ready[id];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const seconds = this.#timeout / 1000;
        reject(new WorkerError(`data worker ${id} did not load batch ${batch} within ${seconds} s (timeout)`));
      }, this.#timeout);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the workers; what they are at is given up. */
  async close(): Promise<void> {
    this.#broken = true;
    await Promise.all(this.#workers.map((worker) => worker.destroy()));
  }

  #worker(id: number): Piscina<WorkerTask, WorkerAnswer> {
    const worker = this.#workers[id];
    if (worker === undefined) throw new RangeError(`there is no data worker ${id}`);
    return worker;
  }
}

/**
 * Waiting.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';

/** Nothing, now or later: what a hook may return. */
export type Awaitable = void | Promise<void>;

/** True when a value has to be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Milliseconds of computing after which timers, signals and other tasks get their turn. */
const turnEvery = 20;

/** Lets the event loop turn at bounded intervals: awaiting resolved promises alone would starve timers and signals. */
export class EventLoopTurns {
  #last = performance.now();

  /** Lets the event loop turn when the last turn is long enough ago. */
  async take(): Promise<void> {
    if (performance.now() - this.#last < turnEvery) return;
    await setImmediate();
    this.#last = performance.now();
  }
}

/**
 * Ending a training by Ctrl-C without losing it.
 *
 * @module
 */
import { PaddlewheelError } from '../common/errors.js';

const signals = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof signals)[number];

/** A training was interrupted by a signal, after it has saved a checkpoint. */
export class InterruptedError extends PaddlewheelError {
  constructor(signal: string) {
    super('INTERRUPTED', `training was interrupted by ${signal}; go on with fit({ resume: true })`);
  }
}

/** Ends a run whose checkpoint is saved; `fit` turns it into an {@link InterruptedError}. */
export class Interruption extends Error {}

/** The trainings that wait for a signal. Handlers are installed only while there are any. */
const watches = new Set<SignalWatch>();
let received: Signal | undefined;

/** At the second signal the process ends as if there were no handler. */
function onSignal(signal: Signal): void {
  if (received !== undefined) {
    uninstall();
    process.kill(process.pid, signal);
    return;
  }
  received = signal;
}

function install(): void {
  received = undefined;
  for (const signal of signals) process.on(signal, onSignal);
}

function uninstall(): void {
  for (const signal of signals) process.off(signal, onSignal);
}

/** Watches for SIGINT and SIGTERM. */
export class SignalWatch {
  constructor() {
    if (watches.size === 0) install();
    watches.add(this);
  }

  /** The signal that came, if one did. */
  get signal(): string | undefined {
    return received;
  }

  /** Ends the watch. The last one to end sends the signal that came on to the process. */
  close(): void {
    if (!watches.delete(this) || watches.size > 0) return;
    uninstall();
    if (received !== undefined) process.kill(process.pid, received);
  }
}

/**
 * Runs something that ends with an {@link Interruption} when a signal comes.
 *
 * @param enabled - whether to watch for signals at all
 * @throws `InterruptedError` after a signal that the process outlived, because it has handlers of its own
 */
export async function untilSignal<T>(enabled: boolean, body: (signals: SignalWatch | null) => Promise<T>): Promise<T> {
  if (!enabled) return body(null);
  const watch = new SignalWatch();
  try {
    return await body(watch);
  } catch (error) {
    throw error instanceof Interruption ? new InterruptedError(watch.signal ?? 'a signal') : error;
  } finally {
    watch.close();
  }
}

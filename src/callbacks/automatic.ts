/**
 * The callbacks that a run has without being given any.
 *
 * @module
 */
import { warn } from '../common/warn.js';
import type { Callback } from './callback.js';
import { LRScheduler } from './lr-scheduler.js';
import { ModelCheckpoint } from './model-checkpoint.js';
import { MonitorCallback } from './monitor-callback.js';
import { NanGuard, type OnNaN } from './nan-guard.js';
import { ProgBarLogger, type Verbosity } from './prog-bar-logger.js';

/** Options of a run that its automatic callbacks take. */
export interface AutomaticOptions {
  readonly verbose: Verbosity;
  readonly logFreq: number;
}

/** The given callbacks, after a progress display unless there is one or `verbose` is 0. */
export function withProgress(
  callbacks: readonly Callback[],
  { verbose, logFreq }: AutomaticOptions,
): readonly Callback[] {
  if (verbose === 0 || callbacks.some((callback) => callback instanceof ProgBarLogger)) return callbacks;
  return [new ProgBarLogger({ verbose, logFreq }), ...callbacks];
}

/** Options of `fit` that its automatic callbacks take. */
export interface TrainingOptions extends AutomaticOptions {
  readonly saveFreq: number;
  readonly saveDir: string | null;
  readonly onNaN: OnNaN;
  /** Whether there is data to evaluate on. */
  readonly evaluates: boolean;
}

/**
 * The callbacks of `fit`: as {@link withProgress}, then checkpoints and steps of the learning rate unless given, then a
 * guard of the loss. Warns of callbacks that need evaluations when there are none.
 */
export function withTraining(callbacks: readonly Callback[], options: TrainingOptions): readonly Callback[] {
  const { saveFreq, saveDir, onNaN, evaluates } = options;
  const all = [...withProgress(callbacks, options)];
  if (!all.some((callback) => callback instanceof ModelCheckpoint))
    all.push(new ModelCheckpoint({ saveFreq, saveDir }));
  if (!all.some((callback) => callback instanceof LRScheduler)) all.push(new LRScheduler());
  all.push(new NanGuard(onNaN));
  if (!evaluates) {
    for (const callback of all) {
      if (callback instanceof MonitorCallback)
        warn(`${callback.constructor.name} needs validation data; it does nothing`);
    }
  }
  return all;
}

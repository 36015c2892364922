/**
 * The callbacks that a run has without being given any.
 *
 * @module
 */
import type { Callback } from './callback.js';
import { LRScheduler } from './lr-scheduler.js';
import { ModelCheckpoint } from './model-checkpoint.js';
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

/** The callbacks of `fit`: as {@link withProgress}, then checkpoints and steps of the learning rate unless given. */
export function withTraining(
  callbacks: readonly Callback[],
  options: AutomaticOptions & { readonly saveFreq: number; readonly saveDir: string | null },
): readonly Callback[] {
  const { saveFreq, saveDir } = options;
  const all = [...withProgress(callbacks, options)];
  if (!all.some((callback) => callback instanceof ModelCheckpoint))
    all.push(new ModelCheckpoint({ saveFreq, saveDir }));
  if (!all.some((callback) => callback instanceof LRScheduler)) all.push(new LRScheduler());
  return all;
}

/**
 * What shows the progress of a run.
 *
 * @module
 */
import { formatDuration, type NamedValue } from './format.js';

/** A pass over data: an epoch of training, an evaluation or a prediction. */
export interface Phase {
  /** What is being done. */
  readonly kind: 'train' | 'eval' | 'predict';
  /** Number of the epoch, from 0; only for `train`. */
  readonly epoch?: number;
  /** Number of epochs; only for `train`. */
  readonly epochs?: number;
  /** Number of steps, or undefined when the data has no length. */
  readonly steps: number | undefined;
}

/** How far a phase is. */
export interface Progress {
  /** Steps done. */
  readonly step: number;
  /** Samples done. */
  readonly samples: number;
  /** Losses, metrics and timings, in the order in which they are shown. */
  readonly values: readonly NamedValue[];
  /** Mean duration of a step, in seconds. */
  readonly secondsPerStep: number;
}

/** Shows the progress of a run: lines, a bar on a terminal, or whatever else implements it. */
export interface ProgressDisplay {
  /** True for a display that wants every step; false for one that wants each `logFreq`-th. */
  readonly wantsEveryStep: boolean;
  /** Training starts. */
  trainBegin(): void;
  /** A phase starts. */
  phaseBegin(phase: Phase): void;
  /** Some steps of the phase are done, but not all. */
  advance(phase: Phase, progress: Progress): void;
  /**
   * The phase is over.
   *
   * @param isShown - true when `advance` got the same step already
   */
  phaseEnd(phase: Phase, progress: Progress, isShown: boolean): void;
  /** The run is over, also when it failed: frees timers. */
  close(): void;
}

/** Takes a line of text. */
export type WriteLine = (line: string) => void;

/** The first line of a training. */
export const trainingNote =
  'The loss value printed in the log is the current step, and the metric is the average value of previous steps.';

/** Samples per second since the phase began. */
export function throughput({ step, samples, secondsPerStep }: Progress): number {
  return samples / (step * secondsPerStep);
}

/** ` - ETA: 1:05` while a phase whose length is known goes on, else nothing. */
export function timeLeft({ steps }: Phase, { step, secondsPerStep }: Progress): string {
  const isRunning = steps !== undefined && step > 0 && step < steps;
  return isRunning ? ` - ETA: ${formatDuration(secondsPerStep * (steps - step))}` : '';
}

/** The line above a phase. */
export function phaseTitle({ kind, epoch = 0, epochs }: Phase): string {
  if (kind === 'train') return `Epoch ${epoch + 1}/${epochs}`;
  return kind === 'eval' ? 'Eval begin...' : 'Predict begin...';
}

/** The line below a phase, if it has one. */
export function phaseSummary({ kind }: Phase, { samples }: Progress): string | undefined {
  if (kind === 'train') return undefined;
  return kind === 'eval' ? `Eval samples: ${samples}` : `Predict samples: ${samples}`;
}

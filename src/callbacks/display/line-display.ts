/**
 * Progress as lines.
 *
 * @module
 */
import { formatSpeed, formatStep, formatValues } from './format.js';
import {
  phaseSummary,
  phaseTitle,
  trainingNote,
  type Phase,
  type Progress,
  type ProgressDisplay,
  type WriteLine,
} from './progress-display.js';

/** `step 1/3 - loss: 2.3962 - acc: 0.1250 - 3ms/step`. */
function progressLine({ steps }: Phase, { step, values, secondsPerStep }: Progress): string {
  return formatStep(step, steps) + formatValues(values) + formatSpeed(secondsPerStep);
}

/** A line per `logFreq` steps, between a title and a summary. */
export class LineDisplay implements ProgressDisplay {
  readonly wantsEveryStep = false;
  readonly #write: WriteLine;

  constructor(write: WriteLine) {
    this.#write = write;
  }

  trainBegin(): void {
    this.#write(trainingNote);
  }

  phaseBegin(phase: Phase): void {
    this.#write(phaseTitle(phase));
  }

  advance(phase: Phase, progress: Progress): void {
    this.#write(progressLine(phase, progress));
  }

  phaseEnd(phase: Phase, progress: Progress, isShown: boolean): void {
    if (!isShown) this.#write(progressLine(phase, progress));
    const summary = phaseSummary(phase, progress);
    if (summary) this.#write(summary);
  }

  close(): void {
    // Lines hold nothing open.
  }
}

const phaseNames = { eval: 'Eval', predict: 'Predict' } as const;

/** One line per epoch, evaluation or prediction, for logs that are read later. */
export class SummaryDisplay implements ProgressDisplay {
  readonly wantsEveryStep = false;
  readonly #write: WriteLine;

  constructor(write: WriteLine) {
    this.#write = write;
  }

  trainBegin(): void {
    // The lines speak for themselves.
  }

  phaseBegin(): void {
    // The line comes at the end.
  }

  advance(): void {
    // The line comes at the end.
  }

  phaseEnd(phase: Phase, progress: Progress): void {
    const title = phase.kind === 'train' ? phaseTitle(phase) : phaseNames[phase.kind];
    const samples = phase.kind === 'train' ? '' : ` - ${progress.samples} samples`;
    this.#write(`${title}: ${progressLine(phase, progress)}${samples}`);
  }

  close(): void {
    // Lines hold nothing open.
  }
}

/**
 * Progress as lines.
 *
 * @module
 */
import { formatSpeed, formatStep, formatThroughput, formatValues } from './format.js';
import {
  phaseSummary,
  phaseTitle,
  throughput,
  timeLeft,
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

/** Seconds without a line after which a phase that goes on gets one. */
const quietSeconds = 60;

/**
 * One line per epoch, evaluation or prediction, for logs that are read later, and one a minute while such a phase goes
 * on, with the estimated time left.
 */
export class SummaryDisplay implements ProgressDisplay {
  readonly wantsEveryStep = false;
  readonly #write: WriteLine;
  readonly #now: () => number;
  #lastLine = 0;

  /** @param now - the time in seconds */
  constructor(write: WriteLine, now = () => performance.now() / 1000) {
    this.#write = write;
    this.#now = now;
  }

  trainBegin(): void {
    // The lines speak for themselves.
  }

  phaseBegin(): void {
    this.#lastLine = this.#now();
  }

  advance(phase: Phase, progress: Progress): void {
    if (this.#now() - this.#lastLine < quietSeconds) return;
    this.#writeLine(phase, progress, timeLeft(phase, progress));
  }

  phaseEnd(phase: Phase, progress: Progress): void {
    this.#writeLine(phase, progress, phase.kind === 'train' ? '' : ` - ${progress.samples} samples`);
  }

  close(): void {
    // Lines hold nothing open.
  }

  #writeLine(phase: Phase, progress: Progress, end: string): void {
    const title = phase.kind === 'train' ? phaseTitle(phase) : phaseNames[phase.kind];
    this.#write(`${title}: ${progressLine(phase, progress)}${formatThroughput(throughput(progress))}${end}`);
    this.#lastLine = this.#now();
  }
}

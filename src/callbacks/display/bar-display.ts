/**
 * Progress as a bar on a terminal.
 *
 * @module
 */
import { SingleBar } from 'cli-progress';
import { formatBar, formatSpeed, formatStep, formatThroughput, formatValues } from './format.js';
import {
  phaseSummary,
  phaseTitle,
  throughput,
  timeLeft,
  trainingNote,
  type Phase,
  type Progress,
  type ProgressDisplay,
} from './progress-display.js';

/** Most characters inside the bar's brackets. */
const widestBar = 30;

/** Characters kept free for the values beside the bar. */
const roomForValues = 50;

const nothingDone: Progress = { step: 0, samples: 0, values: [], secondsPerStep: 0 };

/** `step  3/938 [>.........] - loss: 0.1234 - ETA: 12s - 3ms/step - 2000 samples/sec`. */
function barText(phase: Phase, progress: Progress, columns: number): string {
  const { steps } = phase;
  const { step, values, secondsPerStep } = progress;
  const width = Math.max(1, Math.min(widestBar, Math.floor(columns * 0.6), columns - roomForValues));
  const bar = steps === undefined ? '' : ` ${formatBar(step, steps, width)}`;
  const speed = formatSpeed(secondsPerStep) + formatThroughput(throughput(progress));
  return formatStep(step, steps) + bar + formatValues(values) + timeLeft(phase, progress) + speed;
}

/** A bar per phase that is redrawn in place, with the estimated time left. */
export class BarDisplay implements ProgressDisplay {
  readonly wantsEveryStep = true;
  readonly #stream: NodeJS.WriteStream;
  #bar: SingleBar | undefined;

  /** @param stream - the terminal */
  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  trainBegin(): void {
    this.#stream.write(`${trainingNote}\n`);
  }

  phaseBegin(phase: Phase): void {
    this.close();
    this.#stream.write(`${phaseTitle(phase)}\n`);
    this.#bar = new SingleBar({
      stream: this.#stream,
      format: (_options, { maxWidth }, payload: { progress: Progress }) => barText(phase, payload.progress, maxWidth),
      // Cutting the text to the terminal's width leaves the terminal's settings alone, so that a kill needs no repair.
      linewrap: true,
    });
    this.#bar.start(phase.steps ?? 0, 0, { progress: nothingDone });
  }

  advance(_phase: Phase, progress: Progress): void {
    this.#bar?.update(progress.step, { progress });
  }

  phaseEnd(phase: Phase, progress: Progress): void {
    this.#bar?.update(progress.step, { progress });
    this.close();
    const summary = phaseSummary(phase, progress);
    if (summary) this.#stream.write(`${summary}\n`);
  }

  close(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

/**
 * Progress of training, evaluation and prediction.
 *
 * @module
 */
import { checkInteger, checkOptions } from '../common/options.js';
import { InvalidArgumentError } from '../common/errors.js';
import type { BeginLogs, Logs } from '../model/events.js';
import { Callback } from './callback.js';
import { BarDisplay } from './display/bar-display.js';
import type { NamedValue } from './display/format.js';
import { LineDisplay, SummaryDisplay } from './display/line-display.js';
import type { Phase, Progress, ProgressDisplay } from './display/progress-display.js';
import { PhaseClock } from './phase-clock.js';

/** How much is shown: 0 nothing, 1 a progress bar, 2 a line per `logFreq` steps, 3 the same with timings. */
export type Verbosity = 0 | 1 | 2 | 3;

/** Options of {@link ProgBarLogger}. */
export interface ProgBarLoggerOptions {
  /** Steps from one line to the next. @defaultValue 1 */
  readonly logFreq?: number;
  /** How much is shown. @defaultValue 2 */
  readonly verbose?: Verbosity;
  /** What shows it. @defaultValue lines, or for `verbose: 1` on a terminal a bar, elsewhere a line per epoch */
  readonly display?: ProgressDisplay;
}

/** Checks a `verbose` option. */
export function checkVerbosity(value: unknown): Verbosity {
  if (value === 0 || value === 1 || value === 2 || value === 3) return value;
  throw new InvalidArgumentError(`verbose must be 0, 1, 2 or 3, got ${String(value)}`);
}

function defaultDisplay(verbose: Verbosity): ProgressDisplay {
  const write = (line: string) => console.log(line);
  if (verbose !== 1) return new LineDisplay(write);
  return process.stdout.isTTY ? new BarDisplay(process.stdout) : new SummaryDisplay(write);
}

/** A phase that is being shown. */
interface ShownPhase {
  readonly phase: Phase;
  readonly metrics: readonly string[];
  readonly clock: PhaseClock;
  /** Number of the last step that was shown. */
  shown: number;
}

/**
 * Shows the progress of `fit`, `evaluate` and `predict`. They add one by themselves, with their `verbose` and `logFreq`,
 * when they are given none.
 */
export class ProgBarLogger extends Callback {
  readonly #logFreq: number;
  readonly #verbose: Verbosity;
  readonly #display: ProgressDisplay;
  #current: ShownPhase | undefined;

  constructor(options: ProgBarLoggerOptions = {}) {
    super();
    checkOptions('ProgBarLogger', options, ['logFreq', 'verbose', 'display']);
    this.#logFreq = checkInteger('logFreq', options.logFreq ?? 1, 1);
    this.#verbose = checkVerbosity(options.verbose ?? 2);
    this.#display = options.display ?? defaultDisplay(this.#verbose);
  }

  override onTrainBegin(): void {
    if (this.#verbose > 0) this.#display.trainBegin();
  }

  override onEpochBegin(epoch: number): void {
    const { epochs, steps, metrics } = this.params;
    this.#begin({ kind: 'train', epoch, epochs, steps }, metrics);
  }

  override onTrainBatchBegin(): void {
    this.#current?.clock.batchBegin();
  }

  override onTrainBatchEnd(_step: number, logs: Logs): void {
    this.#step(logs);
  }

  override onEpochEnd(_epoch: number, logs: Logs): void {
    this.#end(logs);
  }

  override onEvalBegin({ steps, metrics }: BeginLogs): void {
    this.#begin({ kind: 'eval', steps }, metrics ?? []);
  }

  override onEvalBatchBegin(): void {
    this.#current?.clock.batchBegin();
  }

  override onEvalBatchEnd(_step: number, logs: Logs): void {
    this.#step(logs);
  }

  override onEvalEnd(logs: Logs): void {
    this.#end(logs);
  }

  override onPredictBegin({ steps }: BeginLogs): void {
    this.#begin({ kind: 'predict', steps }, []);
  }

  override onPredictBatchBegin(): void {
    this.#current?.clock.batchBegin();
  }

  override onPredictBatchEnd(_step: number, logs: Logs): void {
    this.#step(logs);
  }

  override onPredictEnd(logs: Logs): void {
    this.#end(logs);
  }

  override close(): void {
    this.#current = undefined;
    this.#display.close();
  }

  #begin(phase: Phase, metrics: readonly string[]): void {
    if (this.#verbose === 0) return;
    this.#display.phaseBegin(phase);
    this.#current = { phase, metrics, clock: new PhaseClock(), shown: 0 };
  }

  #step(logs: Logs): void {
    const current = this.#current;
    if (current === undefined) return;
    const { phase, clock } = current;
    clock.batchEnd(logs.batchSize ?? 0);
    const isDue = this.#display.wantsEveryStep || clock.step % this.#logFreq === 0;
    if (!isDue || clock.step === phase.steps) return;
    this.#display.advance(phase, this.#progress(current, logs));
    current.shown = clock.step;
  }

  #end(logs: Logs): void {
    const current = this.#current;
    if (current === undefined) return;
    const isShown = current.shown === current.clock.step;
    this.#display.phaseEnd(current.phase, this.#progress(current, logs), isShown);
    this.#current = undefined;
  }

  #progress({ metrics, clock }: ShownPhase, logs: Logs): Progress {
    const values: NamedValue[] = [];
    for (const name of metrics) {
      const value = logs[name];
      if (value !== undefined) values.push([name, value]);
    }
    if (this.#verbose === 3) values.push(...clock.takeTimings());
    return { step: clock.step, samples: clock.samples, values, secondsPerStep: clock.secondsPerStep };
  }
}

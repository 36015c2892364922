/**
 * Base of the callbacks that watch a value.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { checkChoice, checkInteger, checkNumber, describeValue } from '../common/options.js';
import { warn } from '../common/warn.js';
import type { Logs } from '../model/events.js';
import { Callback, type CallbackState } from './callback.js';

/** Whether a lower or a higher value is better. */
export type MonitorMode = 'auto' | 'min' | 'max';

/** Options of callbacks that watch a value. */
export interface MonitorOptions {
  /** Name of the value in the logs of an evaluation: `loss` or that of a metric. @defaultValue 'loss' */
  readonly monitor?: string;
  /**
   * `min` when lower is better, `max` when higher is. `auto` asks the metric; where the value is of no metric, higher is
   * better if `acc` is part of its name. @defaultValue 'auto'
   */
  readonly mode?: MonitorMode;
  /** Evaluations without improvement to wait for, at least 0. */
  readonly patience?: number;
  /** Say what is done: 0 no, 1 yes. @defaultValue 1 */
  readonly verbose?: number;
  /** Change below which a better value is no improvement. */
  readonly minDelta?: number;
}

/** Names of {@link MonitorOptions}. */
export const monitorOptionNames = ['monitor', 'mode', 'patience', 'verbose', 'minDelta'];

/** Watches a value of the evaluations: its best so far, and for how many evaluations it has not improved. */
export abstract class MonitorCallback extends Callback {
  /** Name of the value that is watched. */
  readonly monitor: string;
  /** Evaluations without improvement to wait for. */
  protected readonly patience: number;
  /** Change below which a better value is no improvement. */
  protected readonly minDelta: number;
  /** Whether to say what is done. */
  protected readonly isVerbose: boolean;
  /** The best value; undefined when there is none yet. */
  protected best: number | undefined;
  /** Evaluations since the value improved. */
  protected wait = 0;
  /** Evaluations so far, over all runs. */
  protected evaluations = 0;

  readonly #mode: MonitorMode;
  #hasWarned = false;

  protected constructor(options: MonitorOptions & { readonly patience: number; readonly minDelta: number }) {
    super();
    const { monitor = 'loss' } = options;
    if (typeof monitor !== 'string' || monitor === '') {
      throw new InvalidArgumentError(
        `monitor must be 'loss' or the name of a metric, got ${describeValue(options.monitor)}`,
      );
    }
    this.monitor = monitor;
    this.#mode = checkChoice('mode', options.mode ?? 'auto', ['auto', 'min', 'max']);
    this.patience = checkInteger('patience', options.patience, 0);
    this.isVerbose = checkInteger('verbose', options.verbose ?? 1, 0) > 0;
    this.minDelta = checkNumber('minDelta', options.minDelta);
  }

  /** Acts on the value of an evaluation. */
  protected abstract onValue(value: number): void | Promise<void>;

  override onTrainBegin(): void {
    this.best = undefined;
    this.wait = 0;
    this.#hasWarned = false;
  }

  override async onEvalEnd(logs: Logs): Promise<void> {
    const value = [logs[this.monitor]].flat()[0];
    if (value === undefined) {
      const { step: _step, batchSize: _batchSize, ...values } = logs;
      const known = Object.keys(values).join(', ') || 'nothing';
      this.warnOnce(`monitors '${this.monitor}', but evaluations give ${known}`);
      return;
    }
    await this.onValue(value);
  }

  /** Warns, once in a run. */
  protected warnOnce(message: string): void {
    if (!this.#hasWarned) warn(`${this.constructor.name} ${message}`);
    this.#hasWarned = true;
  }

  /** True when higher values are better. */
  protected get higherIsBetter(): boolean {
    if (this.#mode !== 'auto') return this.#mode === 'max';
    const metric = this.model.metrics.find((candidate) => [candidate.name()].flat().includes(this.monitor));
    return metric?.higherIsBetter ?? this.monitor.includes('acc');
  }

  /** The value to beat: the best, or before there is one the worst possible. */
  protected get valueToBeat(): number {
    return this.best ?? (this.higherIsBetter ? -Infinity : Infinity);
  }

  override stateDict(): CallbackState {
    return { best: this.best ?? null, wait: this.wait, evaluations: this.evaluations };
  }

  override setStateDict(state: CallbackState): void {
    const best = state.best === null ? undefined : checkNumber('best', state.best);
    const wait = checkInteger('wait', state.wait, 0);
    this.evaluations = checkInteger('evaluations', state.evaluations, 0);
    this.best = best;
    this.wait = wait;
  }
}

/**
 * Base of the learning-rate schedules.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions, describeValue } from '../../common/options.js';
import { warn } from '../../common/warn.js';

/** Options of every schedule. */
export interface LRSchedulerOptions {
  /** Last epoch of an earlier run; -1 starts anew. @defaultValue -1 */
  readonly lastEpoch?: number;
  /** Print the learning rate at each step. @defaultValue false */
  readonly verbose?: boolean;
}

/** Names of {@link LRSchedulerOptions}. */
export const schedulerOptionNames = ['lastEpoch', 'verbose'];

/** State of a schedule, under Paddle's names. */
export type LRSchedulerState = Record<string, unknown>;

/**
 * A learning rate that changes over time. Hand it to an optimizer as `learningRate`, and call `step` after each batch
 * or epoch, which `Model.fit` does by itself.
 *
 * A subclass gives the rate in `getLr`, computed from `lastEpoch` and `baseLr`, and ends its constructor with
 * `this.start()`.
 */
export abstract class LRScheduler {
  /** The rate that the schedule starts from. */
  readonly baseLr: number;
  /** Number of the epoch (or batch), from 0. */
  lastEpoch: number;
  /** The present rate. */
  lastLr: number;
  /** Whether each step prints the rate. */
  verbose: boolean;

  /**
   * @param learningRate - the rate to start from, at least 0
   */
  constructor(learningRate = 0.1, options: LRSchedulerOptions = {}) {
    checkOptions(new.target.name, options, schedulerOptionNames);
    this.baseLr = checkNumber('learningRate', learningRate, 0);
    this.lastEpoch = checkInteger('lastEpoch', options.lastEpoch ?? -1, -1);
    this.verbose = checkBoolean('verbose', options.verbose ?? false);
    this.lastLr = this.baseLr;
  }

  /** The rate at `lastEpoch`, which may follow from `lastLr`, the rate of the epoch before. */
  abstract getLr(): number;

  /** The rate at a `lastEpoch` that was jumped to; a subclass whose `getLr` follows from `lastLr` has a closed form here. */
  protected getLrAt(): number {
    return this.getLr();
  }

  /** Takes the first step; a subclass calls it when its fields are set. */
  protected start(): void {
    this.step();
  }

  /**
   * Goes to the next epoch.
   *
   * @param epoch - the epoch to go to instead
   */
  step(epoch?: number): void {
    this.lastEpoch = epoch === undefined ? this.lastEpoch + 1 : checkInteger('epoch', epoch, 0);
    this.lastLr = epoch === undefined ? this.getLr() : this.getLrAt();
    this.printRate();
  }

  /** With `verbose`, prints the rate. */
  protected printRate(): void {
    if (!this.verbose) return;
    console.log(`Epoch ${this.lastEpoch}: ${this.constructor.name} set learning rate to ${this.lastLr}.`);
  }

  /** Names of the fields that the state holds, by Paddle's names. */
  protected stateFields(): Record<string, keyof this & string> {
    return { last_epoch: 'lastEpoch', last_lr: 'lastLr' };
  }

  /** The state to save. */
  stateDict(): LRSchedulerState {
    return Object.fromEntries(Object.entries(this.stateFields()).map(([name, field]) => [name, this[field]]));
  }

  /**
   * Restores a saved state.
   *
   * @throws `InvalidArgumentError` when a value is missing
   */
  setStateDict(state: LRSchedulerState): void {
    const fields = this.stateFields();
    for (const [name, field] of Object.entries(fields)) {
      if (!(name in state)) {
        throw new InvalidArgumentError(
          `state of ${this.constructor.name} must hold ${name}, got ${describeValue(state)}`,
        );
      }
      Object.assign(this, { [field]: state[name] });
    }
    const unknown = Object.keys(state).filter((name) => !(name in fields));
    if (unknown.length > 0) warn(`${this.constructor.name} does not use ${unknown.join(', ')} of the given state`);
  }
}

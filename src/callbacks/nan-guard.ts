/**
 * Losses that are no numbers.
 *
 * @module
 */
import { warn } from '../common/warn.js';
import type { Logs } from '../model/events.js';
import { Callback } from './callback.js';

/** What a training does about a loss that is NaN or infinite: warn, or also stop. */
export type OnNaN = 'warn' | 'stop';

/** Warns, once in a run, when a training loss is NaN or infinite; with `stop` ends the run after that batch. */
export class NanGuard extends Callback {
  readonly #onNaN: OnNaN;
  #epoch = 0;
  #hasWarned = false;

  constructor(onNaN: OnNaN) {
    super();
    this.#onNaN = onNaN;
  }

  override onTrainBegin(): void {
    this.#hasWarned = false;
  }

  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  override onTrainBatchEnd(step: number, { loss = [] }: Logs): void {
    const value = loss.find((candidate) => !Number.isFinite(candidate));
    if (value === undefined || this.#hasWarned) return;
    this.#hasWarned = true;
    const { epochs, steps } = this.params;
    const place = `step ${step + 1}${steps === undefined ? '' : `/${steps}`} of epoch ${this.#epoch + 1}/${epochs}`;
    const advice = 'a lower learning rate, clipped gradients or other data may help';
    if (this.#onNaN === 'stop') {
      warn(`the loss is ${value} in ${place}; training ends here. ${advice}`);
      this.model.stopAfterBatch = true;
    } else {
      warn(`the loss is ${value} in ${place}; ${advice}, and onNaN: 'stop' ends such a run`);
    }
  }
}

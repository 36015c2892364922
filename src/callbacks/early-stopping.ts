/**
 * Training that ends when it no longer gets better.
 *
 * @module
 */
import path from 'node:path';
import { checkBoolean, checkNumber, checkOptions } from '../common/options.js';
import { MonitorCallback, monitorOptionNames, type MonitorOptions } from './monitor-callback.js';

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /**
   * Evaluations without improvement after which training ends. With 0 it ends at the first evaluation, also when that
   * improved. @defaultValue 0
   */
  readonly patience?: number;
  /** A better value counts as an improvement only if it is better by more than this; its sign does not matter. @defaultValue 0 */
  readonly minDelta?: number;
  /** Value that the first improvement has to beat. @defaultValue null */
  readonly baseline?: number | null;
  /** Save the model as `best_model` at each improvement, in the `saveDir` of `fit`. @defaultValue true */
  readonly saveBestModel?: boolean;
}

/**
 * Ends training when a value of the evaluations has not improved for some time, by setting `stopTraining`.
 *
 * Without `saveDir` no best model is saved. The loss that it watches is that of an evaluation's last batch, as in Paddle.
 *
 * @example
 * ```ts
 * const early = new EarlyStopping({ monitor: 'acc', patience: 3 });
 * await model.fit(trainDataset, valDataset, { epochs: 50, saveDir: './output', callbacks: early });
 * ```
 */
export class EarlyStopping extends MonitorCallback {
  readonly #baseline: number | undefined;
  readonly #saveBestModel: boolean;

  constructor(options: EarlyStoppingOptions = {}) {
    checkOptions('EarlyStopping', options, [...monitorOptionNames, 'baseline', 'saveBestModel']);
    super({ ...options, patience: options.patience ?? 0, minDelta: options.minDelta ?? 0 });
    this.#baseline = options.baseline == null ? undefined : checkNumber('baseline', options.baseline);
    this.#saveBestModel = checkBoolean('saveBestModel', options.saveBestModel ?? true);
    this.best = this.#baseline;
  }

  /** Starts anew, from the baseline. */
  override onTrainBegin(): void {
    super.onTrainBegin();
    this.best = this.#baseline;
  }

  protected override async onValue(value: number): Promise<void> {
    const file = this.#bestModelPath;
    if (this.#isImprovement(value)) {
      this.best = value;
      this.wait = 0;
      if (file !== undefined) await this.model.save(file);
    } else {
      this.wait++;
    }
    this.evaluations++;
    if (this.wait < this.patience) return;
    this.model.stopTraining = true;
    if (!this.isVerbose) return;
    console.log(`Epoch ${this.evaluations}: Early stopping.`);
    if (file !== undefined) console.log(`Best checkpoint has been saved at ${file}`);
  }

  #isImprovement(value: number): boolean {
    const delta = Math.abs(this.minDelta);
    return this.higherIsBetter ? value - delta > this.valueToBeat : value + delta < this.valueToBeat;
  }

  get #bestModelPath(): string | undefined {
    const { saveDir } = this.params;
    return this.#saveBestModel && saveDir !== null ? path.resolve(saveDir, 'best_model') : undefined;
  }
}

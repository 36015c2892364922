/**
 * Checkpoints while training.
 *
 * @module
 */
import path from 'node:path';
import { checkInteger, checkOptions } from '../common/options.js';
import { Callback } from './callback.js';

/** Options of {@link ModelCheckpoint}. */
export interface ModelCheckpointOptions {
  /** Epochs from one checkpoint to the next. @defaultValue 1 */
  readonly saveFreq?: number;
  /** Folder of the checkpoints; nothing is saved without one. @defaultValue null */
  readonly saveDir?: string | null;
}

/**
 * Saves the model, and what it takes to resume the training, after epochs 0, `saveFreq`, 2 `saveFreq`..., under the epoch's number, and at the end of training as
 * `final`. `fit({ saveDir })` adds one by itself when it is given none.
 *
 * Says where, unless `verbose` is 0, and emits `checkpoint`.
 */
export class ModelCheckpoint extends Callback {
  readonly #saveFreq: number;
  readonly #saveDir: string | null;

  constructor(options: ModelCheckpointOptions = {}) {
    super();
    checkOptions('ModelCheckpoint', options, ['saveFreq', 'saveDir']);
    this.#saveFreq = checkInteger('saveFreq', options.saveFreq ?? 1, 1);
    this.#saveDir = options.saveDir ?? null;
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    if (epoch % this.#saveFreq === 0) await this.#save(String(epoch));
  }

  override async onTrainEnd(): Promise<void> {
    await this.#save('final');
  }

  async #save(name: string): Promise<void> {
    if (this.#saveDir === null) return;
    const file = path.resolve(this.#saveDir, name);
    if (this.params.verbose > 0) console.log(`save checkpoint at ${file}`);
    await this.model.saveCheckpoint(file);
  }
}

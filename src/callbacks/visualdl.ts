/**
 * Logs for VisualDL.
 *
 * @module
 */
import path from 'node:path';
import { checkInteger, checkPath } from '../common/options.js';
import type { BeginLogs, Logs } from '../model/events.js';
import { Callback, type CallbackState } from './callback.js';
import type { Scalar } from './scalars/scalar-file.js';
import { VisualDLFile, type FilePosition } from './scalars/visualdl-file.js';

/**
 * Writes curves for VisualDL (`visualdl --logdir FOLDER`), PaddlePaddle's viewer.
 *
 * After every training batch `train/` with the loss and each metric, over the number of batches from 1; after an
 * evaluation `eval/` with the last batch's loss and each metric, over the number of the epoch from 0. Of several losses it
 * is the first. Each run writes a new file, of which VisualDL shows the newest in a folder; a resumed run continues it from its
 * checkpoint on.
 *
 * @example
 * ```ts
 * await model.fit(trainDataset, valDataset, { callbacks: new VisualDL('./visualdl/first') });
 * ```
 */
export class VisualDL extends Callback {
  readonly #folder: string;
  #file: VisualDLFile | undefined;
  #step = 0;
  #epoch = 0;
  #resumed: FilePosition | undefined;
  #evalNames: readonly string[] = [];

  /** @param logDir - folder of the run's file, created if need be */
  constructor(logDir: string) {
    super();
    this.#folder = checkPath('logDir', logDir);
  }

  override onTrainBegin(): void {
    this.#step = 0;
    this.#resumed = undefined;
  }

  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  override onTrainBatchEnd(_step: number, logs: Logs): void {
    this.#step++;
    this.#write('train', this.params.metrics, logs, this.#step);
  }

  override onEvalBegin({ metrics = [] }: BeginLogs): void {
    this.#evalNames = metrics;
  }

  override onEvalEnd(logs: Logs): void {
    this.#write('eval', this.#evalNames, logs, this.#epoch);
  }

  override onTrainEnd(): void {
    this.#epoch = 0;
  }

  override close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  override stateDict(): CallbackState {
    return { step: this.#step, position: this.#file?.position ?? null };
  }

  override setStateDict(state: CallbackState): void {
    const step = checkInteger('step', state.step, 0);
    this.#resumed = readPosition(state.position);
    this.#step = step;
  }

  #write(prefix: string, names: readonly string[], logs: Logs, step: number): void {
    const scalars = names.flatMap((name): Scalar[] => {
      const value = [logs[name]].flat()[0];
      return value === undefined ? [] : [[`${prefix}/${name}`, value]];
    });
    if (scalars.length === 0) return;
    this.#file ??= new VisualDLFile(this.#folder, this.#resumed);
    this.#file.write(scalars, step);
  }
}

function readPosition(value: unknown): FilePosition | undefined {
  if (value === null || value === undefined) return undefined;
  const { name, length } = value as Partial<FilePosition>;
  // A name with folders in it would leave the folder of the logs.
  return { name: path.basename(checkPath('position.name', name)), length: checkInteger('position.length', length, 0) };
}

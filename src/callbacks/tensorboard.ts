/**
 * Logs for TensorBoard.
 *
 * @module
 */
import { checkOptions, checkPath } from '../common/options.js';
import type { LogValue } from '../model/events.js';
import { RunRecorder, type PassRecord, type StepRecord } from './run-recorder.js';
import type { Scalar } from './scalars/scalar-file.js';
import { TensorBoardFile } from './scalars/tensorboard-file.js';

/** Options of {@link TensorBoard}. */
export interface TensorBoardOptions {
  /** Training batches from one point of the curves to the next. @defaultValue 1 */
  readonly logFreq?: number;
}

/** The scalars of a record under a common prefix. */
function scalarsOf(prefix: string, values: Readonly<Record<string, LogValue | undefined>>): Scalar[] {
  return Object.entries(values).flatMap(([name, value]): Scalar[] => {
    const first = [value].flat()[0];
    return first === undefined ? [] : [[`${prefix}/${name}`, first]];
  });
}

/**
 * Writes curves for TensorBoard (`tensorboard --logdir FOLDER`).
 *
 * Every `logFreq` batches `train/loss`, `train/learning_rate`, `train/samples_per_second` and `train/` with each metric;
 * after an evaluation `eval/loss`, the mean over its samples, `eval/samples_per_second` and `eval/` with each metric. The
 * step is the number of batches trained on, so that the curves lie over each other. Each run writes a new file; a resumed
 * run voids what came after its checkpoint.
 *
 * @example
 * ```ts
 * await model.fit(trainDataset, valDataset, { callbacks: new TensorBoard('./runs/first', { logFreq: 10 }) });
 * ```
 */
export class TensorBoard extends RunRecorder {
  readonly #folder: string;
  #file: TensorBoardFile | undefined;

  /** @param logDir - folder of the run's files, created if need be */
  constructor(logDir: string, options: TensorBoardOptions = {}) {
    checkOptions('TensorBoard', options, ['logFreq']);
    super(options.logFreq ?? 1);
    this.#folder = checkPath('logDir', logDir);
  }

  protected override recordStep(record: StepRecord): void {
    const { loss, metrics, learningRate, samplesPerSecond, globalStep } = record;
    this.#write(
      'train',
      { loss, ...metrics, learning_rate: learningRate, samples_per_second: samplesPerSecond },
      globalStep,
    );
  }

  protected override recordPass({ kind, loss, metrics, samplesPerSecond, globalStep }: PassRecord): void {
    if (kind !== 'eval') return;
    this.#write('eval', { loss, ...metrics, samples_per_second: samplesPerSecond }, globalStep);
  }

  override async close(): Promise<void> {
    await super.close();
    this.#file?.close();
    this.#file = undefined;
  }

  #write(prefix: string, values: Readonly<Record<string, LogValue | undefined>>, step: number): void {
    this.#file ??= new TensorBoardFile(this.#folder, this.resumedStep);
    this.#file.write(scalarsOf(prefix, values), step);
  }
}

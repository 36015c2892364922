/**
 * What a training needs, beside the weights and the optimizer, to go on as if it had never stopped.
 *
 * @module
 */
import { FileFormatError } from '../common/errors.js';
import type { RandomState } from '../common/random.js';
import type { CallbackState } from '../callbacks/callback.js';
import type { OrderState } from '../io/index.js';
import type { MetricState } from '../metric/index.js';
import type { LRSchedulerState } from '../optimizer/lr/index.js';
import type { Logs } from './events.js';
import type { EpochRecord, LossMeanState } from './history.js';

/** Where in a training something happened. */
export interface Position {
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Batches of the epoch that are done. */
  readonly step: number;
  /** Whether the epoch is still trained or already waits for its evaluation. */
  readonly phase: 'train' | 'evaluate';
  /** Batches of all epochs that are done. */
  readonly trainedSteps: number;
}

/** The state of a named callback. */
export interface NamedState {
  /** Name of its class. */
  readonly name: string;
  readonly state: CallbackState;
}

/** Everything about a training that is not in the files of the weights and of the optimizer. */
export interface TrainingState {
  /** Tells the checkpoints of one training, however often resumed, from those of another. */
  readonly run: string;
  /** Name of the random streams of the training's steps. */
  readonly streams: string;
  readonly position: Position;
  /** Batches of an epoch, or null when the data does not tell. */
  readonly stepsPerEpoch: number | null;
  readonly random: RandomState;
  /** State of the schedule, or the learning rate where there is none. */
  readonly learningRate: number | LRSchedulerState;
  /** Numbers of the parameters that have a gradient, all zero. */
  readonly gradients: readonly number[];
  /** What the passes over the data depend on; that of the pass that runs, or of the next. */
  readonly data: { readonly train: OrderState; readonly val: OrderState };
  /** Sums of the pass that runs. */
  readonly metrics: readonly (MetricState | null)[];
  readonly loss: LossMeanState;
  /** Seconds that the epoch has taken. */
  readonly seconds: number;
  /** The epoch that waits for its evaluation, without it. */
  readonly trained: EpochRecord | null;
  readonly logs: Logs;
  readonly epochs: readonly EpochRecord[];
  readonly budget: { readonly left: number | null; readonly isSpent: boolean };
  readonly stopTraining: boolean;
  readonly stopAfterBatch: boolean;
  readonly callbacks: readonly NamedState[];
}

/** Digest of a file of a checkpoint. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Content of a state file. */
export interface StateFile {
  /** Digests of the other files of the checkpoint by their extension. */
  readonly files: Readonly<Record<string, FileDigest>>;
  readonly state: TrainingState;
}

const format = 'paddlewheel training state';
const version = 1;

/** JSON knows neither NaN nor infinities nor the sign of 0. */
const numberKey = '$number';

function replaceNumber(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return { [numberKey]: Object.is(value, -0) ? '-0' : String(value) };
}

function reviveNumber(_key: string, value: unknown): unknown {
  const text = (value as Record<string, unknown> | null | undefined)?.[numberKey];
  return typeof text === 'string' ? Number(text) : value;
}

/** The text of a state file; every number comes back with the same bits. */
export function encodeState(file: StateFile): string {
  return `${JSON.stringify({ format, version, ...file }, replaceNumber, 1)}\n`;
}

/**
 * Reads the text of a state file.
 *
 * @throws `FileFormatError` when it is none
 */
export function decodeState(path: string, text: string): StateFile {
  let content: Partial<StateFile> & { readonly format?: unknown; readonly version?: unknown };
  try {
    content = JSON.parse(text, reviveNumber) as typeof content;
  } catch (error) {
    throw new FileFormatError(path, `${path} is not the state of a training`, { cause: error });
  }
  if (content.format !== format || !content.files || !content.state) {
    throw new FileFormatError(path, `${path} is not the state of a training`);
  }
  if (content.version !== version) {
    throw new FileFormatError(
      path,
      `${path} has version ${String(content.version)}, this library reads version ${version}`,
    );
  }
  return { files: content.files, state: content.state };
}

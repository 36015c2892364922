/**
 * Logs for programs.
 *
 * @module
 */
import { checkOptions, checkPath } from '../common/options.js';
import { AppendFile } from './append-file.js';
import { RunRecorder, type PassRecord, type StepRecord } from './run-recorder.js';

/** Options of {@link JsonLogger}. */
export interface JsonLoggerOptions {
  /** Training batches from one line to the next. @defaultValue 1 */
  readonly logFreq?: number;
}

const passEvents = { train: 'epochEnd', eval: 'evalEnd', predict: 'predictEnd' } as const;

/** JSON has no NaN and no infinity; they become texts. */
function toJson(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/**
 * Appends a line of JSON to a file for each thing that happens: `trainBegin`, `trainBatchEnd` (every `logFreq` batches),
 * `epochEnd`, `evalEnd`, `checkpoint`, `trainEnd`, `predictEnd`, and `failed` when an error ended `fit`.
 *
 * Each line is an object with `event`, `time` (ISO 8601) and the numbers. `loss` is that of the batch in
 * `trainBatchEnd`, and the mean over the samples in `epochEnd` and `evalEnd`; several losses are added up. Epochs and
 * steps count from 0, `globalStep` counts batches from 1. NaN and infinities are the texts `"NaN"`, `"Infinity"` and
 * `"-Infinity"`.
 *
 * A line is handed to the operating system at once and whole. If a crash of the machine cut the last line off, the next
 * run starts a new one.
 *
 * @example
 * ```ts
 * await model.fit(trainDataset, valDataset, { callbacks: new JsonLogger('log.jsonl', { logFreq: 50 }) });
 * ```
 */
export class JsonLogger extends RunRecorder {
  readonly #path: string;
  #file: AppendFile | undefined;

  /** @param file - path of the file, created with its folders; an existing one is continued */
  constructor(file: string, options: JsonLoggerOptions = {}) {
    checkOptions('JsonLogger', options, ['logFreq']);
    super(options.logFreq ?? 1);
    this.#path = checkPath('file', file);
  }

  readonly #onCheckpoint = (path: string) => this.#write('checkpoint', { path });

  protected override recordBegin(): void {
    const { epochs, steps, metrics, saveDir } = this.params;
    this.#write('trainBegin', { epochs, steps, metrics, saveDir });
    this.model.on('checkpoint', this.#onCheckpoint);
  }

  protected override recordStep(record: StepRecord): void {
    this.#write('trainBatchEnd', record);
  }

  protected override recordPass({ kind, ...record }: PassRecord): void {
    this.#write(passEvents[kind], record);
  }

  protected override recordEnd(): void {
    this.#write('trainEnd', { globalStep: this.globalStep });
  }

  protected override recordFailure(): void {
    this.#write('failed', { globalStep: this.globalStep });
  }

  override async close(): Promise<void> {
    try {
      await super.close();
    } finally {
      this.model.off('checkpoint', this.#onCheckpoint);
      this.#file?.close();
      this.#file = undefined;
    }
  }

  #write(event: string, values: object): void {
    this.#file ??= openLines(this.#path);
    const line = JSON.stringify({ event, time: new Date().toISOString(), ...values }, toJson);
    this.#file.write(Buffer.from(`${line}\n`));
  }
}

/** Opens a file of lines; one that a crash cut off is ended first. */
function openLines(path: string): AppendFile {
  const file = new AppendFile(path);
  const { length } = file;
  if (length > 0 && file.read(length - 1, 1).toString() !== '\n') file.write(Buffer.from('\n'));
  return file;
}

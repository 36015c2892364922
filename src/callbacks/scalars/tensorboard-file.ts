/**
 * TensorBoard's files.
 *
 * @module
 */
import { hostname } from 'node:os';
import path from 'node:path';
import { AppendFile } from '../append-file.js';
import { maskedCrc32c } from './crc32c.js';
import { doubleField, floatField, intField, messageField, stringField } from './protobuf.js';
import type { Scalar, ScalarFile } from './scalar-file.js';

/** Field numbers of `Event`, `Summary` and `Value` in TensorFlow's event.proto and summary.proto. */
const fields = {
  event: { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 },
  summary: { value: 1 },
  value: { tag: 1, simpleValue: 2 },
  sessionLog: { status: 1 },
} as const;

/** `SessionLog.START`: what an earlier file holds of this step and later ones is void. */
const sessionStart = 1;

/** Files of this process so far: two may begin within a second. */
let fileCount = 0;

/** A record: length, its check sum, data, its check sum. */
function framed(data: Uint8Array): Buffer {
  const header = Buffer.alloc(12);
  header.writeBigUInt64LE(BigInt(data.length));
  header.writeUInt32LE(maskedCrc32c(header.subarray(0, 8)), 8);
  const footer = Buffer.alloc(4);
  footer.writeUInt32LE(maskedCrc32c(data));
  return Buffer.concat([header, data, footer]);
}

function event(...parts: readonly Uint8Array[]): Buffer {
  return framed(Buffer.concat([doubleField(fields.event.wallTime, Date.now() / 1000), ...parts]));
}

/** A new event file in a folder. */
export class TensorBoardFile implements ScalarFile {
  readonly #file: AppendFile;

  /** @param firstStep - the step that a resumed run begins with; earlier files in the folder end before it */
  constructor(folder: string, firstStep?: number) {
    const seconds = Math.floor(Date.now() / 1000);
    const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${fileCount++}`;
    this.#file = new AppendFile(path.join(folder, name));
    this.#file.write(event(stringField(fields.event.fileVersion, 'brain.Event:2')));
    if (firstStep === undefined) return;
    const start = messageField(fields.event.sessionLog, intField(fields.sessionLog.status, sessionStart));
    this.#file.write(event(intField(fields.event.step, firstStep), start));
  }

  write(scalars: readonly Scalar[], step: number): void {
    const values = scalars.map(([tag, value]) =>
      messageField(
        fields.summary.value,
        stringField(fields.value.tag, tag),
        floatField(fields.value.simpleValue, value),
      ),
    );
    this.#file.write(event(intField(fields.event.step, step), messageField(fields.event.summary, ...values)));
  }

  close(): void {
    this.#file.close();
  }
}

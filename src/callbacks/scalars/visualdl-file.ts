/**
 * VisualDL's files.
 *
 * @module
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { AppendFile } from '../append-file.js';
import { floatField, intField, messageField, stringField } from './protobuf.js';
import type { Scalar, ScalarFile } from './scalar-file.js';

/** Field numbers of `Record`, `Value` and `MetaData` in VisualDL's record.proto. */
const fields = {
  record: { value: 1 },
  value: { id: 1, tag: 2, timestamp: 3, value: 4, metaData: 10 },
  metaData: { displayName: 1 },
} as const;

/** A record of one value: length, data. */
function record(...valueFields: readonly Uint8Array[]): Buffer {
  const data = messageField(fields.record.value, ...valueFields);
  const header = Buffer.alloc(8);
  header.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([header, data]);
}

/** A place in a file, after a whole record. */
export interface FilePosition {
  /** Name of the file within its folder. */
  readonly name: string;
  /** Bytes before the place. */
  readonly length: number;
}

/**
 * A record file in a folder. VisualDL shows one file a folder, so that a resumed run has to go on with that of the run
 * before.
 */
export class VisualDLFile implements ScalarFile {
  readonly #name: string;
  readonly #file: AppendFile;

  /** @param resumed - where to go on; what follows there is cut off. A file that is gone or shorter is not touched */
  constructor(folder: string, resumed?: FilePosition) {
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    const isThere = resumed !== undefined && sizeOf(path.join(folder, resumed.name)) >= resumed.length;
    this.#name = isThere ? resumed.name : `vdlrecords.${seconds}.log`;
    this.#file = new AppendFile(path.join(folder, this.#name));
    if (isThere) this.#file.truncate(resumed.length);
    if (this.#file.length > 0) return;
    // Without a name of its own the run is shown under that of its folder.
    const metaData = messageField(fields.value.metaData, stringField(fields.metaData.displayName, ''));
    this.#file.write(record(intField(fields.value.id, 0), stringField(fields.value.tag, 'meta_data_tag'), metaData));
  }

  /** The end of the file. */
  get position(): FilePosition {
    return { name: this.#name, length: this.#file.length };
  }

  write(scalars: readonly Scalar[], step: number): void {
    const time = intField(fields.value.timestamp, Date.now());
    const records = scalars.map(([tag, value]) =>
      record(
        intField(fields.value.id, step),
        stringField(fields.value.tag, tag),
        time,
        floatField(fields.value.value, value),
      ),
    );
    this.#file.write(Buffer.concat(records));
  }

  close(): void {
    this.#file.close();
  }
}

/** Bytes in a file; less than any number of them when there is none. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? -1;
}

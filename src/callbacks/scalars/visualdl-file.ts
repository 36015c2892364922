/**
 * VisualDL's files.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
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

/** Cuts off a record that is not whole. */
function repair(file: AppendFile): void {
  const { length } = file;
  let end = 0;
  while (end + 8 <= length) {
    const next = end + 8 + Number(file.read(end, 8).readBigUInt64LE());
    if (next > length) break;
    end = next;
  }
  if (end < length) file.truncate(end);
}

/** A record file in a folder. VisualDL shows one file a folder, so that a resumed run has to go on with the last one. */
export class VisualDLFile implements ScalarFile {
  readonly #file: AppendFile;

  /** @param isResumed - go on with the newest file in the folder, if there is one */
  constructor(folder: string, isResumed: boolean) {
    const newest = isResumed ? newestIn(folder) : undefined;
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    this.#file = new AppendFile(path.join(folder, newest ?? `vdlrecords.${seconds}.log`));
    repair(this.#file);
    if (this.#file.length > 0) return;
    // Without a name of its own the run is shown under that of its folder.
    const metaData = messageField(fields.value.metaData, stringField(fields.metaData.displayName, ''));
    this.#file.write(record(intField(fields.value.id, 0), stringField(fields.value.tag, 'meta_data_tag'), metaData));
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

function newestIn(folder: string): string | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => name.includes('vdlrecords'))
      .sort()
      .at(-1);
  } catch {
    return undefined;
  }
}

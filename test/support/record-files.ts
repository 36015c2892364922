/** A reader of TensorBoard's and VisualDL's files, written from their descriptions and apart from the writer. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Fields of a message by number: numbers of varints, bytes of all else. */
type Message = ReadonlyMap<number, readonly (number | Buffer)[]>;

function decode(bytes: Buffer): Message {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = bytes.readUInt8(at++);
      value += (byte % 128) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const type = key % 8;
    const list = fields.get(key >> 3) ?? [];
    fields.set(key >> 3, list);
    if (type === 0) {
      list.push(varint());
      continue;
    }
    const length = type === 1 ? 8 : type === 5 ? 4 : varint();
    list.push(bytes.subarray(at, at + length));
    at += length;
  }
  assert.equal(at, bytes.length, 'a field goes past the end of its message');
  return fields;
}

const bytesOf = (message: Message, field: number) => message.get(field)?.[0] as Buffer | undefined;

/** CRC-32C bit by bit, rotated and shifted as in TensorFlow's files. */
function maskedSum(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((crc ^ (byte >> bit)) & 1) === 1;
      crc = (crc >>> 1) ^ (isOdd ? 0x82f63b78 : 0);
    }
  }
  const sum = (crc ^ 0xffffffff) >>> 0;
  return (Math.floor(sum / 2 ** 15) + (sum % 2 ** 15) * 2 ** 17 + 0xa282ead8) % 2 ** 32;
}

/** A value of a curve. */
export type Point = readonly [tag: string, step: number, value: number];

/** What a file of TensorBoard holds. */
export interface EventFile {
  readonly version: string | undefined;
  /** Steps from which on earlier files are void. */
  readonly starts: readonly number[];
  readonly points: readonly Point[];
  readonly times: readonly number[];
}

/** Reads a file of TensorBoard and checks its sums. */
export function readEventFile(file: string): EventFile {
  const bytes = readFileSync(file);
  const [starts, points, times]: [number[], Point[], number[]] = [[], [], []];
  let version: string | undefined;
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    assert.equal(bytes.readUInt32LE(at + 8), maskedSum(bytes.subarray(at, at + 8)), 'sum of the length');
    const data = bytes.subarray(at + 12, at + 12 + length);
    assert.equal(bytes.readUInt32LE(at + 12 + length), maskedSum(data), 'sum of the data');
    at += 16 + length;
    const event = decode(data);
    const step = (event.get(2)?.[0] ?? 0) as number;
    times.push(bytesOf(event, 1)!.readDoubleLE());
    version ??= bytesOf(event, 3)?.toString();
    const session = bytesOf(event, 7);
    if (session && decode(session).get(1)?.[0] === 1) starts.push(step);
    const summary = bytesOf(event, 5);
    for (const content of summary ? (decode(summary).get(1) ?? []) : []) {
      const value = decode(content as Buffer);
      points.push([bytesOf(value, 1)!.toString(), step, bytesOf(value, 2)!.readFloatLE()]);
    }
  }
  return { version, starts, points, times };
}

/** Reads a file of VisualDL: its first record, and the values. */
export function readVisualDLFile(file: string): { tag: string | undefined; points: Point[]; times: number[] } {
  const bytes = readFileSync(file);
  const [points, times]: [Point[], number[]] = [[], []];
  let tag: string | undefined;
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    assert.ok(at + 8 + length <= bytes.length, 'the last record is not whole');
    const values = decode(bytes.subarray(at + 8, at + 8 + length)).get(1) ?? [];
    at += 8 + length;
    assert.equal(values.length, 1);
    const value = decode(values[0] as Buffer);
    if (tag === undefined) {
      tag = bytesOf(value, 2)?.toString();
      assert.ok(value.has(10), 'the first record describes the run');
      continue;
    }
    points.push([bytesOf(value, 2)!.toString(), value.get(1)![0] as number, bytesOf(value, 4)!.readFloatLE()]);
    times.push(value.get(3)![0] as number);
  }
  return { tag, points, times };
}

/** The files in a folder, with their paths, by name. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name));
}

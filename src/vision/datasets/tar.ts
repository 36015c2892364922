/**
 * Reading of tar archives (POSIX.1-2001 ustar and pax, and GNU's long names).
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { FileFormatError, FileNotFoundError } from '../../common/errors.js';

/** A file of an archive. */
export interface TarFile {
  /** Path within the archive. */
  readonly name: string;
  /** Content; a view of the archive's bytes where those are in memory. */
  readonly data: Uint8Array;
}

/** Some bytes of a file. */
export interface ByteRange {
  readonly start: number;
  readonly size: number;
}

/** Bytes that are asked for, or, with a name, the content of a regular file. */
interface Step extends ByteRange {
  readonly name?: string;
}

const BLOCK = 512;

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** A text that ends with a zero byte or the field. */
function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return latin1(end < 0 ? field : field.subarray(0, end));
}

/** The path in the records `LENGTH KEY=VALUE` of a pax header. */
function paxPath(data: Uint8Array): string | undefined {
  const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString('utf8');
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1];
}

const cutOff = (path: string) => new FileFormatError(path, `${path} is cut off: an archive member is not whole`);

/** Size, type and short name of a member. */
function parseHeader(header: Uint8Array, offset: number, path: string): { size: number; type: string; name: string } {
  const digits = textOf(header.subarray(124, 136)).trim();
  const checksum = textOf(header.subarray(148, 156)).trim();
  // The checksum is the sum of the header's bytes, its own field taken as spaces.
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  if (!/^[0-7]+$/.test(digits) || parseInt(checksum, 8) !== sum) {
    throw new FileFormatError(
      path,
      `${path} is no tar archive, or a damaged one: the header at byte ${offset} is wrong`,
    );
  }
  const ustar = textOf(header.subarray(257, 262)) === 'ustar';
  const prefix = ustar && header[262] === 0 ? textOf(header.subarray(345, 500)) : '';
  const name = (prefix ? `${prefix}/` : '') + textOf(header.subarray(0, 100));
  return { size: parseInt(digits, 8), type: String.fromCharCode(header[156] ?? 0), name };
}

/**
 * Goes through an archive, whatever it is read from. Steps without a name have to be answered with their bytes, fewer where
 * the archive ends; those with a name are the regular files. Steps come in the order of their bytes.
 */
function* walk(path: string): Generator<Step, void, Uint8Array> {
  let longName: string | undefined;
  for (let offset = 0; ;) {
    const header = yield { start: offset, size: BLOCK };
    if (header.length < BLOCK || header.every((byte) => byte === 0)) return;
    const { size, type, name } = parseHeader(header, offset, path);
    const start = offset + BLOCK;
    if (type === 'L' || type === 'x') {
      const data = yield { start, size };
      if (data.length < size) throw cutOff(path);
      longName = type === 'L' ? textOf(data) : (paxPath(data) ?? longName);
    } else if (type !== 'g') {
      if (type === '0' || type === '\0') yield { start, size, name: longName ?? name };
      longName = undefined;
    }
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/**
 * The regular files of an archive, in its order.
 *
 * @param path - the archive's path, for errors
 * @throws `FileFormatError` when the archive is damaged
 */
export function* readTar(bytes: Uint8Array, path: string): Generator<TarFile> {
  const steps = walk(path);
  for (let data = new Uint8Array(); ;) {
    const { done, value } = steps.next(data);
    if (done) return;
    data = bytes.subarray(value.start, value.start + value.size) as Uint8Array<ArrayBuffer>;
    if (value.name === undefined) continue;
    if (data.length < value.size) throw cutOff(path);
    yield { name: value.name, data };
  }
}

const damaged = (path: string, error: unknown) =>
  new FileFormatError(path, `${path} is damaged: ${(error as Error).message}`, { cause: error });

/**
 * The regular files of a gzip-compressed archive.
 *
 * @param path - the archive's path, for errors
 */
export function* readTarGz(bytes: Uint8Array, path: string): Generator<TarFile> {
  let archive: Uint8Array;
  try {
    archive = gunzipSync(bytes);
  } catch (error) {
    throw damaged(path, error);
  }
  yield* readTar(archive, path);
}

/** Takes bytes from a stream one after another. */
class ByteStream {
  readonly #chunks: AsyncIterator<Uint8Array, unknown>;
  #rest: Uint8Array = new Uint8Array();
  #position = 0;

  constructor(chunks: AsyncIterator<Uint8Array, unknown>) {
    this.#chunks = chunks;
  }

  /** Bytes at or after those that were taken before; fewer where the stream ends. */
  async take({ start, size }: ByteRange): Promise<Uint8Array> {
    const taken: Uint8Array[] = [];
    const end = start + size;
    while (this.#position < end) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) break;
        this.#rest = value;
        continue;
      }
      const wanted = this.#position < start ? start : end;
      const piece = this.#rest.subarray(0, wanted - this.#position);
      if (wanted === end) taken.push(piece);
      this.#rest = this.#rest.subarray(piece.length);
      this.#position += piece.length;
    }
    return taken.length === 1 ? (taken[0] ?? new Uint8Array()) : Buffer.concat(taken);
  }
}

/** The error for a file that cannot be opened; other errors as they are. */
function openingError(path: string, error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).syscall !== 'open') return error;
  return new FileNotFoundError(path, `${path} cannot be read: ${(error as Error).message}`, { cause: error });
}

/**
 * Hands the regular files of a gzip-compressed archive over one after another; never more than one of them is in memory.
 *
 * @throws `FileNotFoundError` or `FileFormatError`
 */
export async function unpackTarGz(path: string, take: (file: TarFile) => Promise<void>): Promise<void> {
  const gunzip = createGunzip();
  try {
    await pipeline(createReadStream(path), gunzip, async (chunks: AsyncIterable<Uint8Array>) => {
      const iterator = chunks[Symbol.asyncIterator]();
      const stream = new ByteStream(iterator);
      const steps = walk(path);
      for (let step = steps.next(); !step.done;) {
        const data = await stream.take(step.value);
        const { name, size } = step.value;
        if (name !== undefined) {
          if (data.length < size) throw cutOff(path);
          await take({ name, data });
        }
        step = steps.next(data);
      }
      // The checksum comes last.
      while (!(await iterator.next()).done);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw damaged(path, error);
    throw openingError(path, error);
  }
}

/** Bytes of an open file, fewer where it ends. */
async function readAt(handle: FileHandle, { start, size }: ByteRange, length: number): Promise<Uint8Array> {
  const data = new Uint8Array(Math.max(0, Math.min(size, length - start)));
  for (let done = 0; done < data.length;) {
    const { bytesRead } = await handle.read(data, done, data.length - done, start + done);
    if (bytesRead === 0) return data.subarray(0, done);
    done += bytesRead;
  }
  return data;
}

/** Opens a file, hands over what reads it, and closes it, whatever happens. */
async function withFile<T>(
  path: string,
  use: (read: (range: ByteRange) => Promise<Uint8Array>, length: number) => Promise<T>,
): Promise<T> {
  const handle = await open(path).catch((error: unknown) => {
    throw openingError(path, error);
  });
  try {
    const { size } = await handle.stat();
    return await use((range) => readAt(handle, range, size), size);
  } finally {
    await handle.close();
  }
}

/**
 * Where the regular files of an archive lie in it, by their paths. Only the headers are read.
 *
 * @throws `FileNotFoundError` or `FileFormatError`
 */
export function indexTar(path: string): Promise<Map<string, ByteRange>> {
  return withFile(path, async (read, length) => {
    const index = new Map<string, ByteRange>();
    const steps = walk(path);
    for (let step = steps.next(); !step.done;) {
      const { name, start, size } = step.value;
      if (name === undefined) {
        step = steps.next(await read(step.value));
        continue;
      }
      if (start + size > length) throw cutOff(path);
      index.set(name, { start, size });
      step = steps.next(new Uint8Array());
    }
    return index;
  });
}

/**
 * Parts of a file, which is closed again.
 *
 * @throws `FileNotFoundError`, or `FileFormatError` when the file ends before
 */
export function readRanges(path: string, ranges: readonly ByteRange[]): Promise<Uint8Array[]> {
  return withFile(path, async (read) => {
    const parts: Uint8Array[] = [];
    for (const range of ranges) {
      const data = await read(range);
      if (data.length < range.size) throw cutOff(path);
      parts.push(data);
    }
    return parts;
  });
}

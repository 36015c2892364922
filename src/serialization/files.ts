/**
 * Pickles in files.
 *
 * @module
 */
import { constants } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { FileNotFoundError, InvalidArgumentError } from '../common/errors.js';
import { writeFileAtomic } from '../common/files.js';
import { describeValue } from '../common/options.js';
import { decodePickle, type DecodeOptions } from './pickle-decoder.js';
import { encodePickle, type PickleProtocol } from './pickle-encoder.js';
import type { PickleValue } from './values.js';

/** Longest piece that one read asks for; systems give at most 2 GiB. */
const READ_BYTES = 2 ** 30;

/** Options of {@link writeObject}. */
export interface WriteOptions {
  /** Version of the pickle format. @defaultValue 4 */
  readonly protocol?: PickleProtocol;
}

/** Options of {@link readObject}. */
export type ReadOptions = Omit<DecodeOptions, 'path'>;

/**
 * Writes a value as a pickle, atomically; folders are created. Arrays must not change until the promise resolves.
 *
 * @throws `InvalidArgumentError` when the path has no file name or the value is not plain data
 */
export async function writeObject(file: string, value: PickleValue, options: WriteOptions = {}): Promise<void> {
  checkPath(file);
  await writeFileAtomic(file, encodePickle(value, options.protocol));
}

/**
 * The value of a pickle file. Nothing in the file is executed; arrays are views of its bytes where possible.
 *
 * @throws `FileNotFoundError` when there is no such file
 * @throws `FileFormatError` when it is damaged or holds anything but plain data and numpy arrays
 */
export async function readObject(file: string, options: ReadOptions = {}): Promise<PickleValue> {
  checkPath(file);
  return decodePickle(await readBytes(file), { ...options, path: file });
}

/** Throws unless `file` is a path that ends in a file name. */
export function checkPath(file: unknown): asserts file is string {
  if (typeof file !== 'string' || path.basename(file) === '' || /[/\\]$/.test(file)) {
    throw new InvalidArgumentError(`path must end in a file name, got ${describeValue(file)}`);
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new FileNotFoundError(file, `there is no file ${file}`, { cause: error });
    }
    throw error;
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new InvalidArgumentError(`path must be a file, ${file} is none`);
    if (stat.size > constants.MAX_LENGTH) {
      throw new InvalidArgumentError(
        `${file} has ${stat.size} bytes, this Node.js reads up to ${constants.MAX_LENGTH}`,
      );
    }
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, Math.min(READ_BYTES, bytes.length - length));
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

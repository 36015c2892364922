/**
 * Files of the IDX format, in which MNIST is published: a magic number, the length of each axis as big-endian 32-bit
 * integers, and the elements.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { FileFormatError, FileNotFoundError } from '../../common/errors.js';
import { NdArray, sizeOf } from '../../common/ndarray.js';

/** Type code of unsigned bytes. */
const unsignedByte = 0x08;

/**
 * Reads an array of unsigned bytes, into memory that worker threads see too.
 *
 * @param path - the file's path, for errors
 * @param rank - number of axes that it must have
 * @throws `FileFormatError` when it is damaged or of another format
 */
export function parseIdx(bytes: Uint8Array, path: string, rank: number): NdArray<'uint8'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = 4 + 4 * rank;
  if (
    bytes.length < header ||
    view.getUint16(0) !== 0 ||
    view.getUint8(2) !== unsignedByte ||
    view.getUint8(3) !== rank
  ) {
    throw new FileFormatError(path, `${path} is no IDX file of unsigned bytes with ${rank} axes`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  if (bytes.length !== header + size) {
    throw new FileFormatError(
      path,
      `${path} is damaged: an array [${shape.join(', ')}] needs ${size} bytes after the header, the file has ${bytes.length - header}`,
    );
  }
  const shared = new Uint8Array(new SharedArrayBuffer(size));
  shared.set(bytes.subarray(header));
  return new NdArray(shared, shape, 'uint8');
}

/** Reads an IDX file, also a gzip-compressed one. */
export async function readIdx(path: string, rank: number): Promise<NdArray<'uint8'>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new FileNotFoundError(path, `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return parseIdx(bytes, path, rank);
  try {
    bytes = gunzipSync(bytes);
  } catch (error) {
    throw new FileFormatError(path, `${path} is damaged: ${(error as Error).message}`, { cause: error });
  }
  return parseIdx(bytes, path, rank);
}

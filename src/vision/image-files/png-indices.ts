/**
 * The palette indices of PNG files, which decoders turn into colours (ISO/IEC 15948, "Portable Network Graphics").
 *
 * @module
 */
import { inflateSync } from 'node:zlib';
import { FileFormatError } from '../../common/errors.js';
import type { Pixels } from './pixels.js';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');
const GREY = 0;
const PALETTE = 3;

/** The chunks up to the end mark. */
function* chunksOf(bytes: Buffer, fail: (what: string) => never): Generator<{ type: string; data: Buffer }> {
  for (let offset = signature.length; ;) {
    if (offset + 12 > bytes.length) fail('it is cut off');
    const size = bytes.readUInt32BE(offset);
    const end = offset + 8 + size;
    if (end + 4 > bytes.length) fail('it is cut off');
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    if (type === 'IEND') return;
    yield { type, data: bytes.subarray(offset + 8, end) };
    offset = end + 4;
  }
}

/** The predictor of the filter type 4: of left, above and above left, the one nearest to left + above - above left. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** What is added to a byte, by the type of the row's filter. */
const predictors: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_left, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

/**
 * The indices of a PNG file with a palette of 1, 2, 4 or 8 bits, or the values of one in grey of 8 bits, a byte a pixel.
 *
 * @param path - the file's path, for errors
 * @throws `FileFormatError` when it is damaged, in other colours or interlaced
 */
export function readPngIndices(bytes: Uint8Array, path: string): Pixels {
  const fail = (what: string, cause?: unknown): never => {
    throw new FileFormatError(path, `${path} cannot be read as a PNG file of indices: ${what}`, { cause });
  };
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!file.subarray(0, signature.length).equals(signature)) fail('it is no PNG file');
  const chunks = [...chunksOf(file, fail)];
  const [header] = chunks;
  if (header?.type !== 'IHDR' || header.data.length !== 13) return fail('its header is wrong');
  const width = header.data.readUInt32BE(0);
  const height = header.data.readUInt32BE(4);
  const [depth = 0, colours = 0, , , interlaced = 0] = header.data.subarray(8);
  const known = colours === PALETTE ? [1, 2, 4, 8].includes(depth) : colours === GREY && depth === 8;
  if (!known) fail(`its colours are of the type ${colours} with ${depth} bits, not indices into a palette`);
  if (interlaced) fail('it is interlaced');
  if (width === 0 || height === 0) fail(`it has ${width} x ${height} pixels`);

  const rowBytes = Math.ceil((width * depth) / 8);
  const size = height * (rowBytes + 1);
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  let filtered: Uint8Array;
  try {
    filtered = inflateSync(packed, { maxOutputLength: size + 1 });
  } catch (error) {
    return fail((error as Error).message, error);
  }
  if (filtered.length !== size) fail(`it has ${filtered.length} bytes of pixels instead of ${size}`);

  const data = new Uint8Array(width * height);
  let above = new Uint8Array(rowBytes);
  let row = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const start = y * (rowBytes + 1);
    const predict = predictors[filtered[start] ?? 0] ?? fail(`a row has the unknown filter ${filtered[start]}`);
    // Indices take one byte at most, so the pixel to the left is in the byte before.
    for (let i = 0; i < rowBytes; i++) {
      row[i] = (filtered[start + 1 + i] ?? 0) + predict(row[i - 1] ?? 0, above[i] ?? 0, above[i - 1] ?? 0);
    }
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      data[y * width + x] = ((row[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
    [above, row] = [row, above];
  }
  return { data, width, height, channels: 1 };
}

/**
 * Reading of PGM and PPM files (netpbm.sourceforge.net/doc): grey and coloured images, as text or bytes.
 *
 * @module
 */
import { FileFormatError } from '../../common/errors.js';
import type { Pixels } from './pixels.js';

/** True when the bytes begin as a PGM or PPM file. */
export function isNetpbm(bytes: Uint8Array): boolean {
  const kind = bytes[1] ?? 0;
  return bytes[0] === 0x50 && (kind === 0x32 || kind === 0x33 || kind === 0x35 || kind === 0x36);
}

const isSpace = (byte: number | undefined) => byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);

/**
 * The pixels of a PGM or PPM file. Values are scaled to bytes.
 *
 * @param path - the file's path, for errors
 * @throws `FileFormatError` when it is damaged
 */
export function readNetpbm(bytes: Uint8Array, path: string): Pixels {
  const fail = (why: string): never => {
    throw new FileFormatError(path, `${path} is a damaged PGM or PPM file: ${why}`);
  };
  let position = 2;

  /** The next number of the header or of a text file. */
  const number = (what: string): number => {
    for (;;) {
      if (bytes[position] === 0x23) while (position < bytes.length && bytes[position] !== 0x0a) position++;
      else if (isSpace(bytes[position])) position++;
      else break;
    }
    const start = position;
    let value = 0;
    while ((bytes[position] ?? 0) >= 0x30 && (bytes[position] ?? 0) <= 0x39) {
      value = 10 * value + (bytes[position++] ?? 0) - 0x30;
    }
    return position > start && position - start < 10 ? value : fail(`${what} is missing`);
  };

  const kind = (bytes[1] ?? 0) - 0x30;
  const width = number('the width');
  const height = number('the height');
  const largest = number('the largest value');
  if (width === 0 || height === 0) fail(`it has ${width} x ${height} pixels`);
  if (largest === 0 || largest > 65535) fail(`its largest value is ${largest}`);
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  const size = width * height * channels;
  const wide = largest > 255 ? 2 : 1;
  const asText = kind < 4;
  // Two characters a value are the least that a text has, but for the last one.
  const least = asText ? 2 * size - 1 : size * wide;
  if (bytes.length - position - 1 < least) fail(`${size} values do not fit into it`);
  if (!asText) position++;
  const data = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    let value: number;
    if (asText) value = number(`value ${i}`);
    else if (wide === 1) value = bytes[position++] ?? 0;
    else value = (bytes[position++] ?? 0) * 256 + (bytes[position++] ?? 0);
    if (value > largest) fail(`value ${i} is ${value}, the largest is ${largest}`);
    data[i] = largest === 255 ? value : Math.round((value / largest) * 255);
  }
  return { data, width, height, channels };
}

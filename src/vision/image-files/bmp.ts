/**
 * Reading of BMP files (Windows bitmaps): 1, 4 and 8 bits with a palette, 16, 24 and 32 bits, not compressed.
 *
 * @module
 */
import { FileFormatError } from '../../common/errors.js';
import type { Pixels } from './pixels.js';

/** True when the bytes begin as a BMP file. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/** Takes the bits of a mask out of a pixel and scales them to a byte. */
function channelOf(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 255;
  const shift = 31 - Math.clz32(mask & -mask);
  const largest = mask >>> shift;
  return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / largest);
}

/**
 * The pixels of a BMP file: grey when it has a palette of greys in order, else red, green and blue. Transparency is dropped.
 *
 * @param path - the file's path, for errors
 * @throws `FileFormatError` when it is damaged or compressed
 */
export function readBmp(bytes: Uint8Array, path: string): Pixels {
  const fail = (why: string): never => {
    throw new FileFormatError(path, `${path} is a BMP file that cannot be read: ${why}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 26) fail('it is cut off');
  const start = view.getUint32(10, true);
  const header = view.getUint32(14, true);
  const old = header === 12;
  if (!old && (header < 40 || bytes.length < 14 + header)) fail(`its header has ${header} bytes`);
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  const masked = compression === 3 && (bits === 16 || bits === 32);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) fail(`it has ${bits} bits a pixel`);
  if (compression !== 0 && !masked) fail(`it is compressed (method ${compression})`);
  if (width <= 0 || height === 0) fail(`it has ${width} x ${height} pixels`);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (bytes.length < start + rowBytes * height) fail(`${width} x ${height} pixels of ${bits} bits do not fit into it`);

  const entry = old ? 3 : 4;
  const palette = 14 + header;
  const colours = bits > 8 ? 0 : old ? 1 << bits : view.getUint32(46, true) || 1 << bits;
  if (colours > 256 || palette + colours * entry > bytes.length) fail(`its palette has ${colours} colours`);
  if (masked && bytes.length < 66) fail('it is cut off');
  const mask = (index: number, standard: number) => (masked ? view.getUint32(54 + 4 * index, true) : standard);
  const standard = bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  const masks = standard.map((value, index) => channelOf(mask(index, value)));

  // A palette of all greys in order says that the pixels are the grey values.
  const grey =
    bits === 8 &&
    colours === 256 &&
    Array.from({ length: 3 * colours }, (_, i) => bytes[palette + Math.floor(i / 3) * entry + (i % 3)]).every(
      (value, i) => value === Math.floor(i / 3),
    );
  if (grey) {
    const values = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = start + (signedHeight > 0 ? height - 1 - y : y) * rowBytes;
      values.set(bytes.subarray(row, row + width), y * width);
    }
    return { data: values, width, height, channels: 1 };
  }

  const data = new Uint8Array(width * height * 3);
  let target = 0;
  for (let y = 0; y < height; y++) {
    const row = start + (signedHeight > 0 ? height - 1 - y : y) * rowBytes;
    for (let x = 0; x < width; x++, target += 3) {
      if (bits <= 8) {
        const place = x * bits;
        const index = ((bytes[row + (place >> 3)] ?? 0) >> (8 - bits - (place & 7))) & ((1 << bits) - 1);
        if (index >= colours) fail(`a pixel has colour ${index} of ${colours}`);
        for (let c = 0; c < 3; c++) data[target + c] = bytes[palette + index * entry + 2 - c] ?? 0;
      } else if (bits === 24) {
        for (let c = 0; c < 3; c++) data[target + c] = bytes[row + 3 * x + 2 - c] ?? 0;
      } else {
        const pixel = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
        masks.forEach((channel, c) => (data[target + c] = channel(pixel)));
      }
    }
  }
  return { data, width, height, channels: 3 };
}

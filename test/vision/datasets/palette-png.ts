import { deflateSync } from 'node:zlib';

/** CRC-32 of ISO 3309, as PNG files have it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const result = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
  result.writeUInt32BE(data.length);
  result.writeUInt32BE(crc32(result.subarray(4, -4)), result.length - 4);
  return result;
}

/** An image of indices. */
export interface IndexImage {
  readonly width: number;
  readonly height: number;
  readonly indices: readonly number[];
  readonly depth?: 1 | 2 | 4 | 8;
  /** Filter of each row; 0 when omitted. */
  readonly filters?: readonly number[];
  readonly interlaced?: boolean;
  /** 3 for a palette. */
  readonly colours?: number;
}

/** Colour of an index, one of its own for each. */
export const colourOf = (index: number): [number, number, number] => [index, 255 - index, (index * 7) % 256];

/** A PNG file with a palette; the pixels come in several chunks. */
export function palettePng(image: IndexImage): Buffer {
  const { width, height, indices, depth = 8, filters = [], interlaced = false, colours = 3 } = image;
  const rowBytes = Math.ceil((width * depth) / 8);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, colours, 0, 0, interlaced ? 1 : 0], 8);
  let above = Buffer.alloc(rowBytes);
  const rows: Buffer[] = [];
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc(rowBytes);
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      row[bit >> 3]! |= indices[y * width + x]! << (8 - depth - (bit & 7));
    }
    const filter = filters[y] ?? 0;
    const filtered = row.map((byte, i) => {
      const [a, b, c] = [row[i - 1] ?? 0, above[i]!, above[i - 1] ?? 0];
      const p = a + b - c;
      const nearest = [a, b, c].reduce((best, one) => (Math.abs(p - one) < Math.abs(p - best) ? one : best));
      return byte - [0, a, b, Math.floor((a + b) / 2), nearest][filter]!;
    });
    rows.push(Buffer.of(filter), Buffer.from(filtered));
    above = row;
  }
  const packed = deflateSync(Buffer.concat(rows));
  const palette = Uint8Array.from({ length: 1 << depth }, (_, i) => i);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...(colours === 3 ? [chunk('PLTE', Buffer.from([...palette].flatMap(colourOf)))] : []),
    chunk('IDAT', packed.subarray(0, 5)),
    chunk('IDAT', packed.subarray(5)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

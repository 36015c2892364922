import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FileFormatError } from '../../../src/common/errors.js';
import { readBmp } from '../../../src/vision/image-files/bmp.js';
import { isNetpbm, readNetpbm } from '../../../src/vision/image-files/netpbm.js';

const side = fc.integer({ min: 1, max: 6 });
const pixelsOf = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });

/** A bitmap of 24 bits, from pixels red first. */
function bmp24(width: number, height: number, pixels: Uint8Array, topDown = false): Buffer {
  const row = Math.ceil((3 * width) / 4) * 4;
  const file = Buffer.alloc(54 + row * height);
  file.write('BM');
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(topDown ? -height : height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = pixels.subarray((y * width + x) * 3);
      file.set([b!, g!, r!], 54 + (topDown ? y : height - 1 - y) * row + 3 * x);
    }
  }
  return file;
}

/** A bitmap of 8 bits with a palette. */
function bmp8(indices: number[], palette: number[][]): Buffer {
  const file = Buffer.alloc(54 + 4 * palette.length + 4 * Math.ceil(indices.length / 4));
  bmp24(1, 1, new Uint8Array(3)).copy(file, 0, 0, 54);
  file.writeUInt32LE(54 + 4 * palette.length, 10);
  file.writeInt32LE(indices.length, 18);
  file.writeUInt16LE(8, 28);
  file.writeUInt32LE(palette.length, 46);
  palette.forEach(([r, g, b], i) => file.set([b!, g!, r!], 54 + 4 * i));
  file.set(indices, 54 + 4 * palette.length);
  return file;
}

describe('readNetpbm', () => {
  it('reads bytes and text, with comments', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(side, side, fc.boolean())
          .chain(([width, height, colour]) =>
            fc.tuple(
              fc.constant([width, height, colour ? 3 : 1] as const),
              pixelsOf(width * height * (colour ? 3 : 1)),
            ),
          ),
        ([[width, height, channels], data]) => {
          const kind = channels === 3 ? [6, 3] : [5, 2];
          const header = `\n# a comment\n${width} ${height}\n255\n`;
          const bytes = Buffer.concat([Buffer.from(`P${kind[0]}${header}`), data]);
          const text = Buffer.from(`P${kind[1]}${header}${Array.from(data).join(' ')}`);
          for (const file of [bytes, text]) {
            assert.ok(isNetpbm(file));
            const read = readNetpbm(file, 'x');
            assert.deepEqual([read.width, read.height, read.channels], [width, height, channels]);
            assert.deepEqual(Array.from(read.data), Array.from(data));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('scales to bytes', () => {
    assert.deepEqual(Array.from(readNetpbm(Buffer.from('P2 3 1 3 0 1 3'), 'x').data), [0, 85, 255]);
    const wide = Buffer.concat([Buffer.from('P5 2 1 65535\n'), Buffer.of(0xff, 0xff, 0x80, 0x00)]);
    assert.deepEqual(Array.from(readNetpbm(wide, 'x').data), [255, 128]);
  });

  it('says what is damaged', () => {
    for (const [text, message] of [
      ['P5 2 2 255\nabc', /4 values do not fit/],
      ['P5 x', /the width is missing/],
      ['P2 1 1 7 9', /value 0 is 9, the largest is 7/],
      ['P6 0 1 255\n', /0 x 1 pixels/],
      ['P5 1 1 70000\n', /largest value is 70000/],
    ] as const) {
      assert.throws(() => readNetpbm(Buffer.from(text), 'p/x.pgm'), { code: 'FILE_FORMAT', path: 'p/x.pgm', message });
    }
  });
});

describe('readBmp', () => {
  it('reads 24 bits, bottom up and top down', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(side, side, fc.boolean())
          .chain(([width, height, down]) =>
            fc.tuple(fc.constant([width, height, down] as const), pixelsOf(width * height * 3)),
          ),
        ([[width, height, down], data]) => {
          const read = readBmp(bmp24(width, height, data, down), 'x');
          assert.deepEqual([read.width, read.height, read.channels], [width, height, 3]);
          assert.deepEqual(Array.from(read.data), Array.from(data));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('looks colours up, and takes a palette of all greys for grey', () => {
    const palette = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    assert.deepEqual(Array.from(readBmp(bmp8([1, 0], palette), 'x').data), [4, 5, 6, 1, 2, 3]);
    const greys = Array.from({ length: 256 }, (_, i) => [i, i, i]);
    const read = readBmp(bmp8([7, 200, 9], greys), 'x');
    assert.deepEqual([read.channels, Array.from(read.data)], [1, [7, 200, 9]]);
    assert.throws(() => readBmp(bmp8([2], palette), 'x'), /a pixel has colour 2 of 2/);
  });

  it('says what it cannot read', () => {
    const whole = bmp24(2, 2, new Uint8Array(12));
    assert.throws(() => readBmp(whole.subarray(0, 60), 'p/x.bmp'), {
      code: 'FILE_FORMAT',
      path: 'p/x.bmp',
      message: /do not fit/,
    });
    const packed = Buffer.from(whole);
    packed.writeUInt32LE(1, 30);
    assert.throws(() => readBmp(packed, 'x'), /compressed \(method 1\)/);
  });
});

for (const [name, read, start] of [
  ['readNetpbm', readNetpbm, Buffer.from('P5 4 4 255\n')],
  ['readNetpbm of text', readNetpbm, Buffer.from('P3 4 4 255\n')],
  ['readBmp', readBmp, bmp24(3, 3, new Uint8Array(27).fill(9))],
] as const) {
  it(`${name} never fails with anything but a FileFormatError`, () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.array(fc.tuple(fc.nat(70), fc.nat(255)), { maxLength: 4 }),
        (rest, flips) => {
          const bytes = Buffer.concat([start, rest]);
          for (const [at, value] of flips) if (at > 1 && at < bytes.length) bytes[at] = value;
          try {
            const { data, width, height, channels } = read(bytes, 'x');
            assert.equal(data.length, width * height * channels);
          } catch (error) {
            assert.ok(error instanceof FileFormatError, String(error));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
}

import assert from 'node:assert/strict';
import fc from 'fast-check';
import sharp from 'sharp';
import { FileFormatError } from '../../../src/common/errors.js';
import { readPngIndices } from '../../../src/vision/image-files/png-indices.js';
import { colourOf, palettePng, type IndexImage } from '../datasets/palette-png.js';

const image: fc.Arbitrary<Required<Pick<IndexImage, 'width' | 'height' | 'indices' | 'depth' | 'filters'>>> = fc
  .record({
    width: fc.integer({ min: 1, max: 19 }),
    height: fc.integer({ min: 1, max: 6 }),
    depth: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
  })
  .chain(({ width, height, depth }) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      depth: fc.constant(depth),
      indices: fc.array(fc.nat((1 << depth) - 1), { minLength: width * height, maxLength: width * height }),
      filters: fc.array(fc.nat(4), { minLength: height, maxLength: height }),
    }),
  );

describe('readPngIndices', () => {
  it('gives the indices of every depth and filter, which another decoder sees as colours', async () => {
    await fc.assert(
      fc.asyncProperty(image, async (written) => {
        const file = palettePng(written);
        const { data, width, height, channels } = readPngIndices(file, 'x.png');
        assert.deepEqual([width, height, channels], [written.width, written.height, 1]);
        assert.deepEqual(Array.from(data), written.indices);
        const colours = await sharp(file).toColourspace('srgb').removeAlpha().raw().toBuffer();
        assert.deepEqual(Array.from(colours), written.indices.flatMap(colourOf));
      }),
      { numRuns: 60 },
    );
  });

  it('gives the values of grey images of 8 bits', () => {
    const file = palettePng({ width: 2, height: 2, indices: [0, 15, 255, 20], colours: 0 });
    assert.deepEqual(Array.from(readPngIndices(file, 'x.png').data), [0, 15, 255, 20]);
  });

  it('never fails with anything but a FileFormatError', () => {
    const whole = palettePng({ width: 9, height: 4, indices: Array.from({ length: 36 }, (_, i) => i * 7) });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
        const damaged = Uint8Array.from(whole).subarray(0, end);
        if (at < end) damaged[at] = byte;
        try {
          readPngIndices(damaged, 'x');
        } catch (error) {
          assert.ok(error instanceof FileFormatError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('says what it cannot read', () => {
    const plain = { width: 2, height: 1, indices: [1, 2] };
    const whole = palettePng(plain);
    const cases: [Buffer, RegExp][] = [
      [Buffer.from('GIF89a, say'), /p\/x\.png cannot be read as a PNG file of indices: it is no PNG file/],
      [whole.subarray(0, -6), /it is cut off/],
      [palettePng({ ...plain, interlaced: true }), /it is interlaced/],
      [palettePng({ ...plain, colours: 2 }), /colours are of the type 2 with 8 bits/],
      [palettePng({ ...plain, filters: [9] }), /unknown filter 9/],
    ];
    for (const [bytes, message] of cases) {
      assert.throws(() => readPngIndices(bytes, 'p/x.png'), { code: 'FILE_FORMAT', path: 'p/x.png', message });
    }
  });
});

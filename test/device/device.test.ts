import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { getDevice, info, setDevice, type Device } from '../../src/device/index.js';
import { engineNames, type EngineName } from '../../src/engine/index.js';
import { withEnvironment } from '../support/environment.js';
import { itAtOnce, runScript } from '../support/spawn.js';

describe('setDevice', () => {
  it("is 'cpu' at the start, and tells about itself", () => {
    assert.equal(getDevice(), 'cpu');
    const { device, engine, liveBytes, whyNotNative } = info();
    assert.equal(device, 'cpu');
    assert.ok(engineNames.includes(engine as EngineName));
    assert.equal(whyNotNative === undefined, engine === 'native' || Boolean(process.env.PADDLEWHEEL_ENGINE));
    const tensor = tf.zeros([1000, 1000]);
    assert.ok(info().liveBytes >= liveBytes + 4e6);
    tensor.dispose();
    assert.ok(info().liveBytes < liveBytes + 4e6);
    assert.ok(engine === 'js' || info().pooledBytes >= 4e6);
  });

  it('tells about the engine in WebAssembly', () => {
    withEnvironment({ PADDLEWHEEL_ENGINE: 'wasm' }, () => setDevice('cpu'));
    try {
      const { device, engine, instructionSet, threads } = info();
      assert.deepEqual([device, engine, instructionSet], ['cpu', 'wasm', 'WebAssembly SIMD128']);
      assert.equal(threads, Number(process.env.PADDLEWHEEL_THREADS) || Math.min(availableParallelism(), 64));
    } finally {
      setDevice('cpu');
    }
  });

  for (const device of ['gpu', 'gpu:0', 'tensorflow'] as const) {
    it(`says how to get '${device}', and stays where it was`, () => {
      const name = device === 'tensorflow' ? '@tensorflow/tfjs-node' : '@tensorflow/tfjs-node-gpu';
      const before = tf.getBackend();
      assert.throws(
        () => setDevice(device),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'DEVICE');
          assert.ok(error.message.includes(`run npm install ${name}.`), error.message);
          assert.match(error.message, /npm 12 .* npm install-scripts approve/);
          return true;
        },
      );
      assert.equal(getDevice(), 'cpu');
      assert.equal(tf.getBackend(), before);
      assert.equal(tf.square(tf.scalar(3)).item(), 9);
    });
  }

  it('takes cpu again and refuses others', () => {
    setDevice('cpu');
    assert.throws(() => setDevice('npu' as Device), {
      code: 'INVALID_ARGUMENT',
      message: /device must be 'cpu', .* got "npu"/,
    });
  });
});

describe('PADDLEWHEEL_ENGINE', function () {
  this.timeout(60_000);
  const test = itAtOnce();
  const script = `
    import { info } from './src/device/index.ts';
    import { mean, toTensor } from './src/index.ts';
    const { engine, threads, whyNotNative = '' } = info();
    console.log(engine, threads, mean(toTensor([1, 3])).item(), whyNotNative);`;
  const missing = path.resolve('missing.node');

  for (const engine of ['wasm', 'js']) {
    test(`chooses ${engine}`, async () => {
      const environment = { PADDLEWHEEL_ENGINE: engine, PADDLEWHEEL_THREADS: '2' };
      const threads = engine === 'js' ? 1 : 2;
      const { status, stdout, stderr } = await runScript(script, environment);
      assert.deepEqual([status, stdout], [0, `${engine} ${threads} 2 \n`], stderr);
    });
  }

  test('takes WebAssembly without a native build that works, and says why', async () => {
    const environment = { PADDLEWHEEL_ENGINE: undefined, PADDLEWHEEL_ADDON: missing, PADDLEWHEEL_THREADS: '1' };
    const stdout = `wasm 1 2 there is no native build at ${missing}, which PADDLEWHEEL_ADDON names\n`;
    assert.deepEqual(await runScript(script, environment), { status: 0, stdout, stderr: '' });
  });

  test('fails and says why when it asks for a native build that does not work', async () => {
    const { status, stderr } = await runScript(script, { PADDLEWHEEL_ENGINE: 'native', PADDLEWHEEL_ADDON: missing });
    assert.equal(status, 1);
    assert.ok(stderr.includes(`DeviceError: there is no native build at ${missing}`), stderr);
    assert.match(stderr, /code: 'DEVICE'/);
  });

  test('refuses unknown engines', async () => {
    const { stderr } = await runScript(script, { PADDLEWHEEL_ENGINE: 'fast' });
    assert.match(stderr, /PADDLEWHEEL_ENGINE must be one of 'native', 'wasm', 'js', got "fast"/);
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { getDevice, info, setDevice, type Device } from '../../src/device/index.js';

/** Runs a script with the built-in engine chosen by the environment. */
function run(script: string, engine: string) {
  const env = { ...process.env, PADDLEWHEEL_ENGINE: engine };
  const command = ['--import', 'tsx', '--input-type=module', '-e', script];
  return spawnSync(process.execPath, command, { encoding: 'utf8', env });
}

describe('setDevice', () => {
  it("is 'cpu' at the start, and tells about itself", () => {
    assert.equal(getDevice(), 'cpu');
    const { device, engine, threads, liveBytes } = info();
    assert.deepEqual([device, engine, threads], ['cpu', 'wasm', 1]);
    const tensor = tf.zeros([1000, 1000]);
    assert.ok(info().liveBytes >= liveBytes + 4e6);
    tensor.dispose();
    assert.ok(info().liveBytes < liveBytes + 4e6);
    assert.ok(info().pooledBytes >= 4e6);
  });

  for (const device of ['gpu', 'gpu:0', 'tensorflow'] as const) {
    it(`says how to get '${device}', and stays where it was`, () => {
      const name = device === 'tensorflow' ? '@tensorflow/tfjs-node' : '@tensorflow/tfjs-node-gpu';
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
      assert.equal(tf.getBackend(), 'paddlewheel');
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

describe('PADDLEWHEEL_ENGINE', () => {
  const script = `
    import { info } from './src/device/index.ts';
    import { mean, toTensor } from './src/index.ts';
    console.log(info().engine, mean(toTensor([1, 3])).item());`;

  for (const engine of ['wasm', 'js']) {
    it(`chooses ${engine}`, () => {
      const { stdout, stderr } = run(script, engine);
      assert.equal(stdout, `${engine} 2\n`, stderr);
    });
  }

  it('refuses unknown engines', () => {
    assert.match(run(script, 'fast').stderr, /PADDLEWHEEL_ENGINE must be one of 'wasm', 'js', got "fast"/);
  });
});

import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { DeviceError, InvalidArgumentError, OutOfMemoryError } from '../../src/common/errors.js';
import { packagedAddon } from '../../src/engine/addon-file.js';
import { isNativeFresh } from '../../src/engine/build-native.js';
import { engineBackend, selectDefaultBackend } from '../../src/engine/index.js';
import { NativeLibrary } from '../../src/engine/native.js';
import { availableMemory } from '../../src/engine/system-memory.js';
import { withEnvironment } from '../support/environment.js';

const mebibyte = 2 ** 20;

describe('the native build', () => {
  before(async function () {
    if (!(await isNativeFresh())) this.skip();
  });

  it('uses the fastest instructions of the machine, or those that are asked for', () => {
    const { instructionSet, instructionSets, file } = withEnvironment(
      { PADDLEWHEEL_INSTRUCTION_SET: undefined, PADDLEWHEEL_ADDON: undefined },
      () => NativeLibrary.load(),
    );
    assert.equal(file, packagedAddon);
    assert.equal(instructionSet, instructionSets[0]);
    for (const name of instructionSets) {
      const library = withEnvironment({ PADDLEWHEEL_INSTRUCTION_SET: name }, () => NativeLibrary.load());
      assert.equal(library.instructionSet, name);
      const pointer = library.extend(64);
      library.float32(pointer, 16).set(Array.from({ length: 16 }, (_, i) => i - 8));
      library.kernels.unary(8, pointer, pointer, 16, 0);
      assert.deepEqual(Array.from(library.float32(pointer, 3)), [8, 7, 6]);
    }
    withEnvironment({ PADDLEWHEEL_INSTRUCTION_SET: 'mmx' }, () => {
      assert.throws(() => NativeLibrary.load(), InvalidArgumentError);
    });
  });

  it('says what is wrong with the arguments of a kernel', () => {
    const { kernels } = NativeLibrary.load();
    assert.throws(() => kernels.unary(8, 'x' as unknown as number, 0, 0, 0), /a kernel takes numbers only/);
  });

  it('gives aligned memory, in few pieces, and finds the piece of every place', () => {
    const library = NativeLibrary.load();
    const buffers = new Set<ArrayBufferLike>();
    const sizes = [4, 100, mebibyte, 40 * mebibyte, 64, 70 * mebibyte, 3, 300 * mebibyte, 8];
    const blocks = sizes.map((bytes, index) => {
      const pointer = library.extend(bytes);
      assert.equal(pointer % 64, 0);
      const length = Math.ceil(bytes / 4);
      const values = library.int32(pointer, length);
      values[0] = index;
      values[length - 1] = index;
      buffers.add(values.buffer);
      assert.ok(library.owns(values));
      return { pointer, length };
    });
    assert.ok(buffers.size <= 5, `${buffers.size} pieces`);
    blocks.forEach(({ pointer, length }, index) => {
      const values = library.int32(pointer, length);
      assert.deepEqual([values[0], values[length - 1]], [index, index]);
    });
    assert.ok(!library.owns(new Float32Array(4)));
    assert.throws(() => library.float32(8, 1), RangeError);
  });

  it('refuses to take more memory than there is, and goes on', () => {
    withEnvironment({ PADDLEWHEEL_ENGINE: 'native' }, selectDefaultBackend);
    try {
      const backend = engineBackend()!;
      const values = Float32Array.from({ length: 1000 }, (_, index) => index);
      const tensor = tf.tensor1d(values);
      const before = [backend.pool.liveBytes, tf.memory().numTensors];
      const refusal = (error: unknown) =>
        error instanceof OutOfMemoryError && /no \d+ more bytes .* use a smaller batch/.test(error.message);
      for (const bytes of [totalmem(), 4 * totalmem(), 2 ** 46]) {
        assert.throws(() => backend.allocate([bytes / 4]), refusal);
      }
      const [rows, columns] = [tf.ones([2 ** 18, 1]), tf.ones([1, Math.ceil(totalmem() / 2 ** 20)])];
      assert.throws(() => tf.tidy(() => tf.add(rows, columns)), refusal);
      tf.dispose([rows, columns]);
      assert.deepEqual([backend.pool.liveBytes, tf.memory().numTensors], before);
      assert.deepEqual(
        tf.neg(tensor).dataSync(),
        values.map((value) => -value),
      );
      tensor.dispose();
    } finally {
      selectDefaultBackend();
    }
  });
});

describe('without a native build', () => {
  it('says how to get one, and prints nothing', () => {
    const { warn } = console;
    const printed: unknown[] = [];
    console.warn = (...values: unknown[]) => void printed.push(values);
    try {
      withEnvironment({ PADDLEWHEEL_ADDON: '/nowhere/paddlewheel.node' }, () => {
        assert.throws(() => NativeLibrary.load(), { code: 'DEVICE', message: /PADDLEWHEEL_ADDON names/ });
      });
    } finally {
      console.warn = warn;
    }
    assert.deepEqual(printed, []);
    assert.throws(() => NativeLibrary.load('/nowhere/paddlewheel.node'), DeviceError);
  });
});

describe('memory of the system', () => {
  it('is some of what the machine has', () => {
    const bytes = availableMemory();
    assert.ok(bytes > 0 && bytes < totalmem(), `${bytes} of ${totalmem()} bytes`);
  });
});

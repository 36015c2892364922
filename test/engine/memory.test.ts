import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { OutOfMemoryError } from '../../src/common/errors.js';
import { EngineBackend } from '../../src/engine/backend.js';
import {
  batchNormTraining,
  engineBackend,
  maxPool2dWithIndices,
  selectDefaultBackend,
  selectEngine,
} from '../../src/engine/index.js';
import { WebAssemblyLibrary } from '../../src/engine/webassembly.js';
import { StoragePool } from '../../src/engine/storage-pool.js';
import { input } from '../kernels/reference.js';
import { describeCompiledEngines } from '../support/engines.js';
import { storeInOrder } from './compare.js';

const gibibyte = 2 ** 30;

/** The active backend. */
function active(): EngineBackend {
  const backend = engineBackend();
  assert.ok(backend);
  return backend;
}

describe('storage pool', () => {
  const pool = () => new StoragePool(WebAssemblyLibrary.load());

  it('gives a freed block to the next request of its size', () => {
    const blocks = pool();
    const first = blocks.take(1000);
    const second = blocks.take(1000);
    assert.notEqual(first, second);
    blocks.give(first, 1000);
    assert.equal(blocks.take(1000), first);
  });

  it('counts bytes in use and bytes that wait', () => {
    const blocks = pool();
    const pointer = blocks.take(4096);
    assert.deepEqual([blocks.liveBytes, blocks.pooledBytes], [4096, 0]);
    blocks.give(pointer, 4096);
    assert.deepEqual([blocks.liveBytes, blocks.pooledBytes], [0, 4096]);
  });

  it('wastes at most a fifth of a block, and a sixteenth of a large one', () => {
    const blocks = pool();
    const check = (bytes: number, share: number) => {
      const before = blocks.liveBytes;
      const pointer = blocks.take(bytes);
      const size = blocks.liveBytes - before;
      assert.ok(size >= bytes && size <= bytes * (1 + share) + 64, `${size} bytes for ${bytes}`);
      blocks.give(pointer, bytes);
    };
    for (let bytes = 256; bytes < 20_000; bytes += 37) check(bytes, 1 / 4);
    for (let bytes = 2 ** 20 - 1000; bytes < 2 ** 22; bytes += 99_991) check(bytes, 1 / 16);
  });

  it('hands out aligned blocks that do not overlap, whatever is taken and given back', () => {
    const steps = fc.array(
      fc.oneof(fc.record({ take: fc.integer({ min: 0, max: 5000 }) }), fc.record({ give: fc.nat() })),
      { maxLength: 60 },
    );
    const blocks = pool();
    fc.assert(
      fc.property(steps, (actions) => {
        const live: { pointer: number; bytes: number }[] = [];
        for (const action of actions) {
          if ('take' in action) {
            const block = { pointer: blocks.take(action.take), bytes: action.take };
            assert.equal(block.pointer % 64, 0);
            for (const other of live) {
              const apart =
                block.pointer + block.bytes <= other.pointer || other.pointer + other.bytes <= block.pointer;
              assert.ok(apart && block.pointer !== other.pointer);
            }
            live.push(block);
          } else if (live.length > 0) {
            const [block] = live.splice(action.give % live.length, 1);
            blocks.give(block!.pointer, block!.bytes);
          }
        }
        for (const { pointer, bytes } of live) blocks.give(pointer, bytes);
        assert.equal(blocks.liveBytes, 0);
      }),
      { numRuns: 50 },
    );
  });

  describe('without fresh memory', () => {
    const limit = 2 ** 16;

    /** A pool of 64 KiB. */
    function smallPool(): StoragePool {
      let end = 0;
      const blocks = new StoragePool({
        extend: (bytes) => {
          end += bytes;
          return end - bytes;
        },
      });
      blocks.limit = limit;
      return blocks;
    }

    it('cuts a larger free block', () => {
      const blocks = smallPool();
      const whole = blocks.take(limit);
      assert.throws(() => blocks.take(64), OutOfMemoryError);
      blocks.give(whole, limit);
      const parts = Array.from({ length: 4 }, () => blocks.take(limit / 4));
      assert.deepEqual(
        parts.sort((a, b) => a - b),
        [0, 1, 2, 3].map((part) => whole + (part * limit) / 4),
      );
      assert.deepEqual([blocks.liveBytes, blocks.pooledBytes], [limit, 0]);
    });

    it('joins free neighbours', () => {
      const blocks = smallPool();
      const parts = Array.from({ length: 64 }, () => blocks.take(1024));
      for (const part of parts.slice(8, 40)) blocks.give(part, 1024);
      assert.throws(() => blocks.take(2 ** 15 + 64), OutOfMemoryError);
      assert.equal(blocks.take(2 ** 15), parts[8]);
      assert.equal(blocks.pooledBytes, 0);
    });

    it('fails only when no free region is large enough, and goes on serving', () => {
      const steps = fc.array(
        fc.oneof(fc.record({ take: fc.integer({ min: 1, max: 20_000 }) }), fc.record({ give: fc.nat() })),
        { maxLength: 80 },
      );
      fc.assert(
        fc.property(steps, (actions) => {
          const blocks = smallPool();
          blocks.give(blocks.take(limit), limit);
          const live: { pointer: number; bytes: number; size: number }[] = [];
          for (const action of actions) {
            if ('give' in action) {
              const [block] = live.splice(action.give % Math.max(live.length, 1), 1);
              if (block) blocks.give(block.pointer, block.bytes);
              continue;
            }
            const before = blocks.liveBytes;
            const ends = [0, ...live.map(({ pointer, size }) => pointer + size)].sort((a, b) => a - b);
            const starts = [...live.map(({ pointer }) => pointer), limit].sort((a, b) => a - b);
            const largest = Math.max(...starts.map((start, index) => start - ends[index]!));
            try {
              const pointer = blocks.take(action.take);
              const size = blocks.liveBytes - before;
              assert.ok(
                live.every((other) => pointer + size <= other.pointer || other.pointer + other.size <= pointer),
              );
              assert.ok(pointer >= 0 && pointer + size <= limit);
              live.push({ pointer, bytes: action.take, size });
            } catch (error) {
              assert.ok(error instanceof OutOfMemoryError);
              assert.equal(blocks.liveBytes, before);
              // Rounding up wastes a fifth at most.
              assert.ok(largest < action.take * 1.25 + 64, `${largest} bytes are free for ${action.take}`);
            }
          }
          for (const { pointer, bytes } of live) blocks.give(pointer, bytes);
          assert.deepEqual([blocks.liveBytes, blocks.pooledBytes], [0, limit]);
        }),
      );
    });
  });
});

describe("the engine's memory", () => {
  before(() => selectEngine('wasm'));
  after(() => selectDefaultBackend());

  it('is as before after tf.tidy, also when that fails', () => {
    const { pool } = active();
    const before = pool.liveBytes;
    const work = () => {
      const x = input('x', [40, 40]).tensor;
      const y = tf.tanh(tf.matMul(x, tf.add(tf.transpose(x), 1)));
      assert.ok(pool.liveBytes > before);
      return y;
    };
    tf.tidy(() => void work());
    assert.equal(pool.liveBytes, before);
    assert.throws(
      () =>
        tf.tidy(() => {
          work();
          throw new Error('stop');
        }),
      /stop/,
    );
    assert.equal(pool.liveBytes, before);
    const kept = tf.tidy(work);
    const keptBytes = pool.liveBytes - before;
    assert.ok(keptBytes >= 6400 && keptBytes < 8000, `${keptBytes} bytes for 1600 numbers`);
    kept.dispose();
    assert.equal(pool.liveBytes, before);
  });

  it('does not grow over steps that free what they make', () => {
    const { library } = active();
    const step = () => tf.tidy(() => void tf.sum(tf.relu(tf.matMul(tf.ones([300, 300]), tf.ones([300, 300])))));
    step();
    const end = library.extend(0);
    for (let i = 0; i < 20; i++) step();
    assert.equal(library.extend(0), end);
  });

  it('keeps tensors valid when it grows', () => {
    selectEngine('wasm');
    const { library } = active();
    const { values, tensor } = input('before growth', [1003]);
    const square = tf.square(tensor);
    square.dataSync();
    const { generation } = library;
    const { byteLength } = library.float32(0, 1).buffer;
    // What is larger than the whole memory cannot fit without growth.
    const large = tf.tidy(() => tf.add(tf.zeros([1, 1]), tf.zeros([1024, byteLength / 4096 + 1])));
    assert.notEqual(library.generation, generation);
    assert.deepEqual(tensor.dataSync(), values);
    assert.deepEqual(
      square.dataSync(),
      values.map((value) => value * value),
    );
    // A kernel of the engine, and one of TensorFlow.js.
    assert.deepEqual(
      tf.neg(tensor).dataSync(),
      values.map((value) => -value),
    );
    assert.deepEqual(tf.floor(tensor).dataSync(), values.map(Math.floor));
    tf.dispose([large, square, tensor]);
  });

  it('reports the use of TensorFlow.js', () => {
    const before = tf.memory();
    const tensor = tf.zeros([10]);
    assert.equal(tf.memory().numTensors, before.numTensors + 1);
    assert.equal(tf.memory().numBytes, before.numBytes + 40);
    assert.equal(tf.memory().unreliable, false);
    tensor.dispose();
  });

  describe('when it is used up', () => {
    it('fails with an OutOfMemoryError and leaves tensors and accounts as they were', () => {
      const backend = active();
      const { values, tensor } = input('small', [100]);
      const [row, column] = [tf.ones([1, 50_000]), tf.ones([50_000, 1])];
      const before = backend.pool.liveBytes;
      assert.throws(
        () => tf.tidy(() => tf.add(row, column)),
        (error) => error instanceof OutOfMemoryError && error.message.includes('4 GiB'),
      );
      assert.equal(backend.pool.liveBytes, before);
      assert.deepEqual(tensor.dataSync(), values);
      assert.deepEqual(
        tf.neg(tensor).dataSync(),
        values.map((value) => -value),
      );
      tf.dispose([tensor, row, column]);
    });

    it('still serves what fits, and large requests once memory is free again', () => {
      // A backend of its own: its memory is reserved but never touched.
      const backend = new EngineBackend(WebAssemblyLibrary.load());
      const values = Float32Array.from({ length: 1001 }, (_, index) => index);
      const first = backend.write(values, [1001], 'float32');
      const large = Array.from({ length: 3 }, () => backend.allocate([gibibyte / 4]));
      assert.throws(() => backend.allocate([gibibyte / 4]), OutOfMemoryError);
      assert.deepEqual(backend.readSync(first), values);
      // Places above 2 GiB are negative numbers to a kernel's 32 bits unless it takes them as unsigned.
      const high = backend.allocate([gibibyte / 8]);
      assert.ok(high.pointer > 2 * gibibyte);
      const x = backend.pointerOf({ dataId: first, shape: [1001], dtype: 'float32' });
      backend.kernels.unary(8, x, high.pointer, 1001, 0);
      const negated = backend.library.float32(high.pointer, 1001);
      assert.deepEqual(
        Array.from(negated),
        Array.from(values, (value) => -value),
      );
      const [freed] = large;
      backend.disposeData(freed!.dataId);
      assert.equal(backend.allocate([gibibyte / 4]).pointer, freed!.pointer);
    });
  });
});

describeCompiledEngines("the engine's memory at its limit", () => {
  /** Runs `fn` while the engine has `bytes` bytes left. */
  function withMemory(bytes: number, fn: () => void): void {
    const { pool } = active();
    pool.limit = pool.liveBytes + pool.pooledBytes;
    const taken: [pointer: number, bytes: number][] = [];
    for (let size = 2 ** 30; size >= 64; size /= 2) {
      try {
        for (;;) taken.push([pool.take(size), size]);
      } catch (error) {
        assert.ok(error instanceof OutOfMemoryError);
      }
    }
    assert.equal(pool.pooledBytes, 0);
    pool.limit += bytes;
    try {
      fn();
    } finally {
      pool.limit = Infinity;
      for (const [pointer, size] of taken) pool.give(pointer, size);
    }
  }

  /** Asserts that an operation fails for lack of memory and leaves no trace. */
  function assertFails(operation: () => unknown): void {
    const { pool } = active();
    const before = [pool.liveBytes, tf.memory().numTensors, tf.memory().numDataBuffers];
    assert.throws(
      () => tf.tidy(() => void operation()),
      (error) => error instanceof OutOfMemoryError && error.message.includes('use a smaller batch'),
    );
    assert.deepEqual([pool.liveBytes, tf.memory().numTensors, tf.memory().numDataBuffers], before);
  }

  it('a kernel gives back those of its results that it had', () => {
    const { values, tensor } = input('kept', [64, 8, 8, 16]);
    const [scale, shift] = [input('scale', [16]).tensor, input('shift', [16]).tensor] as [Tensor1D, Tensor1D];
    const windows = { kernel: [1, 1], strides: [1, 1], padding: [0, 0, 0, 0] } as const;
    // Room for one large result and some small ones.
    withMemory(1.5 * values.byteLength, () => {
      assertFails(() => maxPool2dWithIndices(tensor as Tensor4D, windows));
      assertFails(() => [tf.relu(tensor), batchNormTraining(tensor, scale, shift, { epsilon: 1e-5 })]);
      // What was given back serves the next kernel.
      tf.relu(tensor).dispose();
    });
    assert.deepEqual(tensor.dataSync(), values);
    tf.dispose([tensor, scale, shift]);
  });

  it('a tensor that cannot be moved stays what it is', () => {
    const { values, tensor } = input('moved', [10, 300, 20]);
    const view = tf.transpose(tensor);
    const expected = view.dataSync();
    withMemory(values.byteLength / 2, () => {
      assertFails(() => tf.square(tf.reshape(view, [-1, 30])));
      assert.throws(() => storeInOrder(tensor, [1, 0, 2]), OutOfMemoryError);
      assert.deepEqual(tensor.dataSync(), values);
      assert.deepEqual(view.dataSync(), expected);
    });
    assert.deepEqual(
      tf.neg(view).dataSync(),
      expected.map((value) => -value),
    );
    tf.dispose([tensor, view]);
  });
});

describe('tensors and their storage', () => {
  // TensorFlow.js's CPU backend keeps the array itself.
  (engineBackend() ? it : it.skip)('copy the array that they are made of', () => {
    for (const dtype of ['float32', 'int32'] as const) {
      const source = dtype === 'float32' ? new Float32Array([1, 2, 3]) : new Int32Array([1, 2, 3]);
      const tensor = tf.tensor1d(source, dtype);
      source.fill(9);
      assert.deepEqual([...tensor.dataSync()], [1, 2, 3]);
    }
    const flags = new Uint8Array([1, 0, 1]);
    const tensor = tf.tensor1d(flags, 'bool');
    flags.fill(0);
    assert.deepEqual([...tensor.dataSync()], [1, 0, 1]);
  });

  it('are not changed by writing to what was read, nor is that changed by disposing them', async () => {
    for (const read of [(tensor: Tensor) => tensor.dataSync(), (tensor: Tensor) => tensor.data()]) {
      // A result of a kernel: a tensor of the caller's own array may share it on other backends.
      const tensor = tf.add(tf.tensor1d([1, 2, 3]), 1);
      const values = await read(tensor);
      if (engineBackend()) {
        values[0] = 100;
        assert.deepEqual([...tensor.dataSync()], [2, 3, 4]);
        values[0] = 2;
      }
      tensor.dispose();
      tf.dispose(tf.fill([3], 7));
      tf.neg(tf.ones([3]));
      assert.deepEqual([...values], [2, 3, 4]);
    }
  });

  it('share storage with clones and views until the last is gone', () => {
    const { values, tensor } = input('shared', [4, 6]);
    const views = [tf.clone(tensor), tf.reshape(tensor, [24]), tf.transpose(tf.reshape(tensor, [1, 24]))];
    tensor.dispose();
    tf.fill([4, 6], 7);
    for (const view of views) {
      assert.deepEqual(view.dataSync(), values);
      view.dispose();
    }
  });

  it('a clone stays as it is when its variable changes', () => {
    const variable = tf.variable(tf.tensor1d([1, 2, 3]));
    const clone = variable.clone();
    variable.assign(tf.tensor1d([4, 5, 6]));
    assert.deepEqual([...clone.dataSync()], [1, 2, 3]);
    assert.deepEqual([...variable.dataSync()], [4, 5, 6]);
    variable.dispose();
  });

  it('parts of a tensor stay when the tensor is gone', () => {
    const tensor = tf.tidy(() => tf.add(tf.range(0, 100), 0));
    const [head, tail] = tf.split(tensor, 2);
    const part = tf.slice(tensor, [10], [5]);
    tensor.dispose();
    tf.fill([100], -1);
    assert.deepEqual([...part.dataSync()], [10, 11, 12, 13, 14]);
    assert.equal(head!.dataSync()[49], 49);
    assert.equal(tail!.dataSync()[0], 50);
  });

  it('keep their values on the way to another backend and back', () => {
    const { values, tensor } = input('travels', [50]);
    const integers = tf.tensor1d([1, -2, 3], 'int32');
    const negative = tf.neg(tensor);
    try {
      for (const engine of ['js', 'wasm', 'js', 'wasm'] as const) {
        selectEngine(engine);
        assert.deepEqual(tf.neg(negative).dataSync(), values);
        assert.deepEqual([...tf.abs(integers).dataSync()], [1, 2, 3]);
      }
    } finally {
      selectDefaultBackend();
    }
  });
});

describe('a part of a tensor', () => {
  it('keeps its elements when the whole is disposed and its memory used again', () => {
    const whole = tf.tensor1d(Float32Array.from({ length: 1000 }, (_, i) => i));
    const part = tf.slice(whole, 10, 5);
    whole.dispose();
    const others = Array.from({ length: 4 }, () => tf.tensor1d(new Float32Array(1000).fill(-1)));
    assert.deepEqual(Array.from(part.dataSync()), [10, 11, 12, 13, 14]);
    tf.dispose([part, ...others]);
  });
});

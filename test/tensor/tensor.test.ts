import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { NdArray, sizeOf } from '../../src/common/ndarray.js';
import { seed } from '../../src/common/random.js';
import * as paddle from '../../src/tensor/index.js';

const values = (tensor: Tensor) => Array.from(tensor.dataSync());
const matrix = () => tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);

describe('toTensor', () => {
  const cases: [string, () => Tensor, number[], number[], string][] = [
    ['a number', () => paddle.toTensor(3), [], [3], 'float32'],
    [
      'nested arrays',
      () =>
        paddle.toTensor([
          [1, 2],
          [3, 4],
        ]),
      [2, 2],
      [1, 2, 3, 4],
      'float32',
    ],
    ['booleans', () => paddle.toTensor([true, false]), [2], [1, 0], 'bool'],
    ['a typed array', () => paddle.toTensor(Int32Array.of(1, 2)), [2], [1, 2], 'int32'],
    ['64-bit integers', () => paddle.toTensor(BigInt64Array.of(1n, -2n)), [2], [1, -2], 'int32'],
    [
      'an NdArray of bytes',
      () => paddle.toTensor(new NdArray(Uint8Array.of(1, 255), [1, 2])),
      [1, 2],
      [1, 255],
      'int32',
    ],
    ['64-bit floats', () => paddle.toTensor(Float64Array.of(0.5)), [1], [0.5], 'float32'],
    ['a given type', () => paddle.toTensor([1.7, 2], { dtype: 'int64' }), [2], [1, 2], 'int32'],
  ];
  for (const [what, make, shape, expected, dtype] of cases) {
    it(`takes ${what}`, () => {
      const tensor = make();
      assert.deepEqual(tensor.shape, shape);
      assert.deepEqual(values(tensor), expected);
      assert.equal(tensor.dtype, dtype);
    });
  }

  it('copies', () => {
    const data = Float32Array.of(1, 2);
    const tensor = paddle.toTensor(data);
    data[0] = 9;
    assert.deepEqual(values(tensor), [1, 2]);
  });

  it('makes a leaf on demand, and never part of a graph', () => {
    const leaf = paddle.toTensor([1], { stopGradient: false });
    assert.equal(leaf.stopGradient, false);
    assert.equal(paddle.toTensor(tf.square(leaf)).stopGradient, true);
  });

  it('refuses ragged arrays, text and integers beyond 32 bits', () => {
    assert.throws(() => paddle.toTensor([[1, 2], [3]]), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => paddle.toTensor(BigInt64Array.of(2n ** 40n)), { code: 'OUT_OF_RANGE' });
    assert.throws(() => paddle.toTensor([1], { dtype: 'complex' as 'int32' }), /dtype must be one of/);
  });
});

describe('members of tensors', () => {
  it('item() gives the one element', () => {
    assert.equal(tf.tensor2d([[7]]).item(), 7);
    assert.throws(() => matrix().item(), { code: 'INVALID_ARGUMENT', message: /shape \[2, 3\]/ });
  });

  it('numpy() copies', () => {
    const tensor = tf.tensor1d([1, 2]);
    tensor.numpy()[0] = 9;
    assert.deepEqual(values(tensor), [1, 2]);
  });

  it('ndim is the number of axes', () => assert.equal(matrix().ndim, 2));
});

describe('tensor functions', () => {
  const cases: [string, () => Tensor, number[], number[]][] = [
    ['zeros', () => paddle.zeros([2]), [2], [0, 0]],
    ['ones of integers', () => paddle.ones([2], { dtype: 'int32' }), [2], [1, 1]],
    ['full', () => paddle.full([1, 2], 0.5), [1, 2], [0.5, 0.5]],
    ['arange to an end', () => paddle.arange(3), [3], [0, 1, 2]],
    ['arange with a step', () => paddle.arange(1, 2, 0.25), [4], [1, 1.25, 1.5, 1.75]],
    ['arange downwards', () => paddle.arange(3, 0, -2), [2], [3, 1]],
    ['reshape with -1 and 0', () => paddle.reshape(matrix(), [0, -1, 1]), [2, 3, 1], [1, 2, 3, 4, 5, 6]],
    ['flatten', () => paddle.flatten(tf.zeros([2, 3, 4]), { startAxis: 1 }), [2, 12], Array<number>(24).fill(0)],
    ['transpose', () => paddle.transpose(matrix(), [1, 0]), [3, 2], [1, 4, 2, 5, 3, 6]],
    ['squeeze', () => paddle.squeeze(tf.zeros([1, 2, 1])), [2], [0, 0]],
    ['squeeze of one axis', () => paddle.squeeze(tf.zeros([1, 2, 1]), -1), [1, 2], [0, 0]],
    ['unsqueeze', () => paddle.unsqueeze(tf.tensor1d([1, 2]), -1), [2, 1], [1, 2]],
    ['concat', () => paddle.concat([matrix(), matrix()], -1), [2, 6], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]],
    ['stack', () => paddle.stack([tf.scalar(1), tf.scalar(2)]), [2], [1, 2]],
    ['split', () => paddle.split(matrix(), [1, 2], 1)[1]!, [2, 2], [2, 3, 5, 6]],
    ['cast', () => paddle.cast(tf.tensor1d([1.5]), 'int64'), [1], [1]],
    ['mean', () => paddle.mean(matrix()), [], [3.5]],
    ['mean over an axis', () => paddle.mean(matrix(), 0), [3], [2.5, 3.5, 4.5]],
    ['mean that keeps its axis', () => paddle.mean(matrix(), { axis: -1, keepdim: true }), [2, 1], [2, 5]],
    ['sum over axes', () => paddle.sum(matrix(), [0, 1]), [], [21]],
    ['max', () => paddle.max(matrix(), 1), [2], [3, 6]],
    ['min', () => paddle.min(matrix()), [], [1]],
    ['argmax of all', () => paddle.argmax(matrix()), [], [5]],
    ['argmin along an axis', () => paddle.argmin(matrix(), -1), [2], [0, 0]],
    ['matmul', () => paddle.matmul(matrix(), matrix(), { transposeY: true }), [2, 2], [14, 32, 32, 77]],
    ['clip', () => paddle.clip(matrix(), { min: 2, max: 4 }), [2, 3], [2, 2, 3, 4, 4, 4]],
    ['add and multiply', () => paddle.add(paddle.multiply(matrix(), 2), 1), [2, 3], [3, 5, 7, 9, 11, 13]],
    ['subtract and divide', () => paddle.divide(paddle.subtract(matrix(), 1), 2), [2, 3], [0, 0.5, 1, 1.5, 2, 2.5]],
  ];
  for (const [what, run, shape, expected] of cases) {
    it(what, () => {
      const result = run();
      assert.deepEqual(result.shape, shape);
      assert.deepEqual(values(result), expected);
    });
  }

  it('rand and randn follow the seed', () => {
    seed(3);
    const first = [values(paddle.rand([4])), values(paddle.randn([4]))];
    seed(3);
    assert.deepEqual([values(paddle.rand([4])), values(paddle.randn([4]))], first);
    assert.notDeepEqual(values(paddle.rand([4])), first[0]);
  });

  it('are differentiable', () => {
    const x = paddle.toTensor([1, 2, 3, 4], { stopGradient: false });
    paddle.mean(paddle.square(paddle.reshape(x, [2, -1]))).backward();
    assert.deepEqual(values(x.grad!), [0.5, 1, 1.5, 2]);
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      'a reshape of another size',
      () => paddle.reshape(matrix(), [4, 2]),
      /shape \[2, 3\] cannot be reshaped to \[4, 2\]/,
    ],
    ['two open lengths', () => paddle.reshape(matrix(), [-1, -1]), /one -1/],
    ['an axis out of range', () => paddle.mean(matrix(), 2), /axis must lie between -2 and 1 .* got 2/],
    ['an unknown option', () => paddle.mean(matrix(), { keepDim: true } as object), /did you mean 'keepdim'/],
    ['an incomplete permutation', () => paddle.transpose(matrix(), [0, 0]), /each of the 2 axes once/],
    ['shapes that cannot be joined', () => paddle.concat([matrix(), tf.zeros([3, 3])], 1), /\[2, 3\] and \[3, 3\]/],
    ['nothing to join', () => paddle.concat([]), /at least one/],
    ['a step of zero', () => paddle.arange(0, 3, 0), /step must not be 0/],
  ];
  for (const [what, run, message] of refused) it(`refuse ${what}`, () => assert.throws(run, message));

  it('reshape keeps every element for any shape', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, fc.nat(3), (shape, open) => {
        const x = tf.range(0, sizeOf(shape));
        const asked = shape.map((length, axis) => (axis === open ? -1 : length));
        const result = paddle.reshape(x, asked);
        assert.deepEqual(result.shape, shape);
        assert.deepEqual(values(result), values(x));
      }),
    );
  });
});

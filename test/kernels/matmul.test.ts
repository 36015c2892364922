import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { matrixProduct, matrixShapes, type MatrixProduct } from '../support/reference.js';
import { assertValues, input } from './reference.js';

/** Checks op(a) op(b) and its gradients against sums in double precision. */
function checkProduct(product: MatrixProduct): void {
  tf.tidy(() => {
    const shapes = matrixShapes(product);
    const [a, b, dy] = [input('a', shapes.a), input('b', shapes.b), input('dy', shapes.y)];
    const expected = matrixProduct(product, a.values, b.values, dy.values);
    const run = (p: tf.Tensor, q: tf.Tensor) => tf.matMul(p, q, product.transposeA, product.transposeB);
    assertValues(run(a.tensor, b.tensor), shapes.y, expected.y.values, 'product');
    const [gotA, gotB] = tf.grads(run)([a.tensor, b.tensor], dy.tensor);
    assertValues(gotA!, a.shape, expected.da.values, 'gradient of a');
    assertValues(gotB!, b.shape, expected.db.values, 'gradient of b');
  });
}

// test/engine/properties/matmul.test.ts has random shapes and batches.
describe('matrix products', () => {
  const single = { aBatch: [], bBatch: [] };
  for (const [transposeA, transposeB] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const) {
    const transposed = { ...single, transposeA, transposeB };
    it(`handle more than a block in each length, transposed ${transposeA}, ${transposeB}`, () => {
      checkProduct({ ...transposed, m: 5, n: 7, k: 1027 });
      checkProduct({ ...transposed, m: 523, n: 9, k: 11 });
      checkProduct({ ...transposed, m: 3, n: 531, k: 13 });
      checkProduct({ ...transposed, m: 66, n: 35, k: 259 });
    });

    it(`are empty or zero without elements, transposed ${transposeA}, ${transposeB}`, () => {
      checkProduct({ ...transposed, m: 3, n: 2, k: 0 });
      checkProduct({ ...transposed, m: 0, n: 2, k: 4 });
      checkProduct({ ...transposed, m: 3, n: 0, k: 4 });
    });
  }

  it('pass NaN and infinities on', () => {
    const product = tf.matMul(
      tf.tensor2d([
        [NaN, 1],
        [Infinity, 1],
        [0, 1],
      ]),
      tf.tensor2d([[1], [2]]),
    );
    assert.deepEqual([...product.dataSync()], [NaN, Infinity, 2]);
  });

  it('refuse shapes that do not fit', () => {
    const matrix = tf.zeros([2, 2]);
    assert.throws(() => tf.matMul(matrix, tf.zeros([3, 2])));
    assert.throws(() => tf.matMul(matrix, tf.zeros([2])));
  });
});

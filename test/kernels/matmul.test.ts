import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { assertValues, input } from './reference.js';

interface Product {
  readonly aBatch: readonly number[];
  readonly bBatch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Checks op(a) op(b), and by the tape's rule its gradients, against sums in double precision. */
function checkProduct({ aBatch, bBatch, m, n, k, transposeA, transposeB }: Product): void {
  tf.tidy(() => {
    const a = input('a', [...aBatch, ...(transposeA ? [k, m] : [m, k])]);
    const b = input('b', [...bBatch, ...(transposeB ? [n, k] : [k, n])]);
    const batchShape = sizeOf(bBatch) > sizeOf(aBatch) || bBatch.length > aBatch.length ? bBatch : aBatch;
    const batch = sizeOf(batchShape);
    const [aStep, bStep] = [sizeOf(aBatch) === 1 ? 0 : m * k, sizeOf(bBatch) === 1 ? 0 : k * n];
    const y = new Float64Array(batch * m * n);
    for (let matrix = 0; matrix < batch; matrix++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let d = 0; d < k; d++) {
            const left = a.values[matrix * aStep + (transposeA ? d * m + i : i * k + d)]!;
            sum += left * b.values[matrix * bStep + (transposeB ? j * k + d : d * n + j)]!;
          }
          y[(matrix * m + i) * n + j] = sum;
        }
      }
    }
    assertValues(tf.matMul(a.tensor, b.tensor, transposeA, transposeB), [...batchShape, m, n], y, 'product');
  });
}

const lengths = fc.integer({ min: 1, max: 20 });

const products: fc.Arbitrary<Product> = fc
  .record({
    batches: fc.constantFrom<[number[], number[]]>(
      [[], []],
      [[3], [3]],
      [
        [2, 3],
        [2, 3],
      ],
      [[1], [4]],
      [[4], [1]],
      [[], [3]],
      [[3], []],
      [
        [1, 1],
        [2, 3],
      ],
    ),
    m: lengths,
    n: lengths,
    k: lengths,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  })
  .map(({ batches: [aBatch, bBatch], ...rest }) => ({ ...rest, aBatch, bBatch }));

describe('matrix products', () => {
  it('are sums of products for any sizes, batches and transpositions', () => {
    fc.assert(fc.property(products, checkProduct), { numRuns: 150 });
  });

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

  it('have the products of the other factor as gradients', () => {
    for (const [transposeA, transposeB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      tf.tidy(() => {
        const [m, n, k] = [4, 3, 6];
        const a = input('a', transposeA ? [k, m] : [m, k]);
        const b = input('b', transposeB ? [n, k] : [k, n]);
        const dy = input('dy', [m, n]);
        const da = new Float64Array(m * k);
        const db = new Float64Array(k * n);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            for (let d = 0; d < k; d++) {
              const [pa, pb] = [transposeA ? d * m + i : i * k + d, transposeB ? j * k + d : d * n + j];
              da[pa]! += dy.values[i * n + j]! * b.values[pb]!;
              db[pb]! += dy.values[i * n + j]! * a.values[pa]!;
            }
          }
        }
        const run = (p: tf.Tensor, q: tf.Tensor) => tf.matMul(p, q, transposeA, transposeB);
        const [gotA, gotB] = tf.grads(run)([a.tensor, b.tensor], dy.tensor);
        assertValues(gotA!, a.shape, da, 'gradient of a');
        assertValues(gotB!, b.shape, db, 'gradient of b');
      });
    }
  });

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

import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describeEngines } from '../../support/engines.js';
import {
  assertSums,
  between,
  numbers,
  numbersWithSpecials,
  orders,
  samples,
  tensorOf,
} from '../../support/properties.js';
import { matrixProduct, matrixShapes, type MatrixProduct } from '../../support/reference.js';

/** Batch axes of the factors; those of length one are repeated. */
const batches = fc
  .array(fc.tuple(between(0, 3), fc.constantFrom('both', 'both', 'a', 'b')), { maxLength: 3 })
  .chain((axes) => {
    const shapeOf = (name: string) => axes.map(([length, has]) => (has === name || has === 'both' ? length : 1));
    // Leading axes of length one may be left out.
    const dropped = (shape: number[], count: number) =>
      shape.slice(shape.slice(0, count).every((length) => length === 1) ? count : 0);
    return fc
      .tuple(between(0, axes.length), between(0, axes.length))
      .map(([a, b]) => [dropped(shapeOf('a'), a), dropped(shapeOf('b'), b)] as const);
  });

function products(length: fc.Arbitrary<number>, batch = batches): fc.Arbitrary<MatrixProduct> {
  return fc
    .record({ batch, m: length, n: length, k: length, transposeA: fc.boolean(), transposeB: fc.boolean() })
    .map(({ batch: [aBatch, bBatch], ...rest }) => ({ ...rest, aBatch, bBatch }));
}

const noBatch = fc.constant<readonly [number[], number[]]>([[], []]);
/** One length beyond the blocks of the kernels (256 deep, 512 columns wide), the others short. */
const larger: fc.Arbitrary<MatrixProduct> = fc
  .tuple(products(between(1, 12), noBatch), fc.constantFrom('m', 'n', 'k'), between(250, 1100))
  .map(([product, long, length]) => ({ ...product, [long]: length }));
/** All lengths beyond a block of at least one loop. */
const large = products(between(60, 140), noBatch).chain((product) => between(257, 330).map((k) => ({ ...product, k })));

function check(product: MatrixProduct, fill: typeof numbers, lie: readonly number[] = []): void {
  tf.tidy(() => {
    const shapes = matrixShapes(product);
    const a = fill('a', shapes.a);
    const b = fill('b', shapes.b);
    // Gradients are products of the same kernel; with specials the product alone shows what is wrong.
    const dy = numbers('dy', shapes.y);
    const expected = matrixProduct(product, a, b, dy);
    const run = (p: Tensor, q: Tensor) => tf.matMul(p, q, product.transposeA, product.transposeB);
    const inputs = [tensorOf(a, shapes.a, lie[0]), tensorOf(b, shapes.b, lie[1])] as const;
    assertSums(run(...inputs), shapes.y, expected.y, 'product');
    const [da, db] = tf.grads(run)([...inputs], tensorOf(dy, shapes.y, lie[2]));
    assertSums(da!, shapes.a, expected.da, 'gradient of a');
    assertSums(db!, shapes.b, expected.db, 'gradient of b');
  });
}

describeEngines('matrix products and their gradients', () => {
  it('are the sums of products that define them, with any batch', () => {
    fc.assert(
      fc.property(products(between(0, 18)), orders, (product, lie) => check(product, numbers, lie)),
      samples(60),
    );
  });

  it('pass NaN and infinities on', () => {
    fc.assert(
      fc.property(products(between(0, 18)), (product) => check(product, numbersWithSpecials)),
      samples(40),
    );
  });

  it('do not depend on how they fall into blocks', () => {
    fc.assert(
      fc.property(larger, orders, (product, lie) => check(product, numbers, lie)),
      samples(12),
    );
    fc.assert(
      fc.property(large, (product) => check(product, numbers)),
      samples(2),
    );
  });
});

import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import * as tensor from '../../src/tensor/index.js';

const matrix = () =>
  tf.tensor2d([
    [1, 2, 3],
    [4, 5, 6],
  ]);
const vector = (...values: number[]) => tf.tensor1d(values, 'int32');

describe('arguments of tensor functions', () => {
  const refused: [string, () => unknown, RegExp][] = [
    ['parts that are not equal', () => tensor.chunk(matrix(), 2, 1), /length 3 cannot be cut into 2 equal parts/],
    ['an axis too far', () => tensor.unbind(matrix(), 2), /axis must lie between -2 and 1/],
    ['a shape that does not fit', () => tensor.expand(matrix(), [2, 4]), /\[2, 3\] cannot be expanded to \[2, 4\]/],
    ['fewer axes', () => tensor.expand(matrix(), [3]), /cannot be expanded to \[3\]/],
    ['an open new axis', () => tensor.expand(matrix(), [-1, 2, 3]), /cannot be expanded/],
    ['a shift without an axis', () => tensor.roll(matrix(), [1, 2], { axis: 0 }), /one axis for each shift/],
    ['an axis moved twice', () => tensor.moveaxis(matrix(), [0, 0], [0, 1]), /as many different axes/],
    ['an index too far', () => tensor.gather(matrix(), vector(2)), /index must hold indices between -2 and 1, got 2/],
    ['a matrix of indices', () => tensor.gather(matrix(), tf.zeros([1, 1], 'int32')), /index must be a vector/],
    ['coordinates too far', () => tensor.gatherNd(matrix(), vector(0, 3)), /between -3 and 2 along axis 1, got 3/],
    ['too many coordinates', () => tensor.gatherNd(matrix(), vector(0, 0, 0)), /at most 2 coordinates/],
    [
      'rows of another length',
      () => tensor.scatter(matrix(), vector(0), tf.zeros([1, 2])),
      /updates must have shape \[1, 3\], got \[1, 2\]/,
    ],
    ['too many of the largest', () => tensor.topk(matrix(), 4), /k must be at most the length 3/],
    ['batches of other sizes', () => tensor.bmm(tf.zeros([2, 3, 4]), tf.zeros([3, 4, 5])), /bmm needs/],
    ['matrices that do not fit', () => tensor.mm(matrix(), matrix()), /mm needs \[..., M, K\]/],
    ['vectors of other lengths', () => tensor.dot(vector(1), vector(1, 2)), /dot needs two vectors/],
    ['no axis of length 3', () => tensor.cross(vector(1, 2), vector(1, 2)), /an axis of length 3/],
    ['too many axes to swap', () => tensor.t(tf.zeros([1, 1, 1])), /t needs at most 2 axes/],
    ['other labels than axes', () => tensor.einsum('ijk->i', matrix()), /'ijk' of 'ijk->i' does not fit 2 axes/],
    ['other terms than tensors', () => tensor.einsum('ij,jk', matrix()), /einsum got 1 tensors/],
    ['an unknown label', () => tensor.einsum('ij->k', matrix()), /'k' on the right side/],
    ['an equation it cannot read', () => tensor.einsum('i+j', matrix()), /cannot read "i\+j"/],
    ['labels of two lengths', () => tensor.einsum('ij,jk->ik', matrix(), matrix()), /'j' of .* the lengths 3 and 2/],
    ['a norm of no order', () => tensor.norm(matrix(), { p: 'nuc' as 'fro' }), /p must be a number or 'fro'/],
    ['a vector without a triangle', () => tensor.tril(vector(1)), /at least 2 axes/],
    ['a cube without a diagonal', () => tensor.diag(tf.zeros([1, 1, 1])), /a vector or a matrix/],
    ['no numbers', () => tensor.linspace(0, 1, 0), /num must be a positive integer/],
    ['an unknown option', () => tensor.sort(matrix(), { descendin: true } as object), /did you mean 'descending'/],
  ];
  for (const [what, run, message] of refused) it(`refuses ${what}`, () => assert.throws(run, message));

  it('take negative axes and indices', () => {
    assert.deepEqual(tensor.gather(matrix(), vector(-1)).arraySync(), [[4, 5, 6]]);
    assert.deepEqual(tensor.gatherNd(matrix(), vector(-1, -3)).arraySync(), 4);
    assert.deepEqual(tensor.unbind(matrix(), -1).length, 3);
  });

  it('of einsum may repeat a label', () => {
    const square = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    assert.equal(tensor.einsum('ii', square).arraySync(), 5);
    assert.deepEqual(tensor.einsum('ii->i', square).arraySync(), [1, 4]);
  });

  it('keep the order of equal elements', () => {
    assert.deepEqual(tensor.argsort(vector(1, 0, 1, 0)).arraySync(), [1, 3, 0, 2]);
    assert.deepEqual(tensor.argsort(vector(1, 0, 1, 0), { descending: true }).arraySync(), [0, 2, 1, 3]);
  });

  it('take NaN for the largest', () => {
    // Paddle 3.3.1.
    const x = tf.tensor1d([3, NaN, 1, -0, 0, NaN, Infinity, -Infinity, 2]);
    assert.deepEqual(tensor.argsort(x).arraySync(), [7, 3, 4, 2, 8, 0, 6, 1, 5]);
    assert.deepEqual(tensor.argsort(x, { descending: true }).arraySync(), [1, 5, 6, 0, 8, 2, 3, 4, 7]);
    assert.deepEqual(tensor.sort(x).arraySync(), [-Infinity, -0, 0, 1, 2, 3, Infinity, NaN, NaN]);
  });

  it('may hold nothing', () => {
    assert.deepEqual(tensor.nonzero(tf.zeros([2, 2])).shape, [0, 2]);
    assert.deepEqual(tensor.maskedSelect(matrix(), tf.zeros([2, 3], 'bool')).shape, [0]);
    assert.deepEqual(tensor.sort(tf.zeros([0, 3])).shape, [0, 3]);
  });

  it('give the gradient of a product with a zero', () => {
    const x = tensor.toTensor([2, 0, 3], { stopGradient: false });
    tensor.prod(x).backward();
    assert.deepEqual(Array.from(x.grad!.dataSync()), [0, 6, 0]);
  });
});

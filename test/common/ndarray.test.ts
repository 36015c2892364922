import assert from 'node:assert/strict';
import { dtypeOf, NdArray, sameShape, sizeOf } from '../../src/common/ndarray.js';

describe('NdArray', () => {
  it('takes its element type from the data', () => {
    assert.equal(new NdArray(new Float32Array(6), [2, 3]).dtype, 'float32');
    assert.equal(new NdArray(new BigInt64Array(1), []).dtype, 'int64');
    assert.equal(dtypeOf([1, 2]), undefined);
  });

  it('refuses a shape that does not fit', () => {
    assert.throws(() => new NdArray(new Float32Array(5), [2, 3]), {
      code: 'SHAPE_MISMATCH',
      message: 'shape [2, 3] needs 6 elements, data has 5',
    });
  });

  it('reshapes without a copy', () => {
    const array = NdArray.zeros([2, 3], 'uint8');
    const flat = array.reshape([6]);
    flat.data[5] = 7;
    assert.equal(array.data[5], 7);
  });

  it('counts and compares shapes', () => {
    assert.equal(sizeOf([]), 1);
    assert.equal(sizeOf([2, 0]), 0);
    assert.ok(sameShape([1, 2], [1, 2]));
    assert.ok(!sameShape([1], [1, 1]));
  });
});

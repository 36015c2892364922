import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Curve, type CurveState } from '../../src/callbacks/report/curve.js';

describe('Curve', () => {
  it('keeps a short curve as it is', () => {
    const curve = new Curve(2, 8);
    for (let x = 1; x < 8; x++) curve.add([x, x * x]);
    assert.deepEqual(curve.columns(), [
      [1, 2, 3, 4, 5, 6, 7],
      [1, 4, 9, 16, 25, 36, 49],
    ]);
  });

  it('joins neighbours to their mean when it gets too long', () => {
    const curve = new Curve(2, 4);
    for (let x = 1; x <= 6; x++) curve.add([x, 10 * x]);
    assert.deepEqual(curve.columns(), [
      [1.5, 3.5, 5.5],
      [15, 35, 55],
    ]);
    curve.add([7, 70]);
    assert.deepEqual(curve.columns()[1], [15, 35, 55, 70]);
  });

  it('has a gap where a joined value is missing', () => {
    const curve = new Curve(2, 4);
    for (const y of [1, NaN, 3, 5]) curve.add([0, y]);
    assert.deepEqual(curve.columns()[1], [NaN, 4]);
  });

  it('stays bounded and whole for any length, also when it is saved and restored on the way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 }), (length, restoredAt) => {
        let curve = new Curve(1, 16);
        for (let index = 0; index < length; index++) {
          if (index === restoredAt) {
            const state = JSON.parse(JSON.stringify(curve.state())) as CurveState;
            curve = new Curve(1, 16);
            curve.setState(state);
          }
          curve.add([index]);
        }
        const [column] = curve.columns();
        const { stride } = curve.state();
        assert.ok(column!.length <= 16);
        assert.ok(length < 16 || column!.length >= 8);
        // Each point is the mean of its rows, whose numbers rise by one.
        column!.forEach((value, index) => {
          const [first, end] = [index * stride, Math.min(length, (index + 1) * stride)];
          assert.equal(value, (first + end - 1) / 2);
        });
      }),
    );
  });
});

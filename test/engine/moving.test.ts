import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { engineBackend, materializedBytes } from '../../src/engine/index.js';
import { assertSame, operandsOf, operandValues, ordersOf, shapesOf, type Operand } from './compare.js';

const between = (min: number, max: number) => fc.integer({ min, max });

const runs = { numRuns: 60 };

/** One element around the rows and columns of images [N, C, H, W]. */
const around: [number, number][] = [
  [0, 0],
  [0, 0],
  [1, 1],
  [1, 1],
];

/** Operands of up to five axes. */
const anyOperand = shapesOf(1, 5).chain((shape) => operandsOf(shape));

/** A part of each axis of a shape: where it begins, and its length. */
function partsOf(shape: readonly number[]): fc.Arbitrary<[begin: number, size: number][]> {
  return fc.tuple(
    ...shape.map((length) =>
      between(0, length).chain((begin) => fc.tuple(fc.constant(begin), between(0, length - begin))),
    ),
  );
}

describe('transpositions', () => {
  it('move elements to any order', () => {
    const length = fc.oneof(between(1, 6), between(1, 40));
    const cases = fc
      .array(length, { minLength: 2, maxLength: 4 })
      .filter((shape) => sizeOf(shape) <= 30_000)
      .chain((shape) =>
        fc.tuple(operandsOf(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
      );
    fc.assert(
      fc.property(cases, ([x, perm]) => {
        assertSame([x], (tensor) => {
          const view = tf.transpose(tensor, perm);
          engineBackend()?.pointerOf(view);
          return view;
        });
      }),
      runs,
    );
  });
});

describe('parts of tensors', () => {
  it('slices', () => {
    const cases = anyOperand.chain((x) => fc.tuple(fc.constant(x), partsOf(x.shape)));
    fc.assert(
      fc.property(cases, ([x, parts]) => {
        const [begin, size] = [parts.map(([first]) => first), parts.map(([, length]) => length)];
        assertSame([x], (tensor) => tf.slice(tensor, begin, size));
      }),
      runs,
    );
  });

  it('slices with steps, forwards and backwards', () => {
    const cases = anyOperand.chain((x) =>
      fc.tuple(
        fc.constant(x),
        // The plain backend does not take ranges that run against their step.
        fc.tuple(
          ...x.shape.map((length) =>
            fc
              .record({
                ends: fc.tuple(between(0, length), between(0, length)),
                step: fc.constantFrom(-3, -2, -1, 1, 2, 3),
                fromEnd: length === 0 ? fc.constant(false) : fc.boolean(),
              })
              .map(({ ends, step, fromEnd }) => {
                const [begin = 0, end = 0] = ends.sort((p, q) => (p - q) * step);
                return { begin: fromEnd && begin < length ? begin - length : begin, end, step };
              }),
          ),
        ),
        between(0, 2 ** x.shape.length - 1),
        between(0, 2 ** x.shape.length - 1),
      ),
    );
    fc.assert(
      fc.property(cases, ([x, axes, beginMask, endMask]) => {
        const [begin, end, steps] = [axes.map((a) => a.begin), axes.map((a) => a.end), axes.map((a) => a.step)];
        assertSame([x], (tensor) => tf.stridedSlice(tensor, begin, end, steps, beginMask, endMask));
      }),
      runs,
    );
  });

  it('takes axes away while it slices others with steps', () => {
    const x = tf.tensor3d([...Array(24).keys()], [2, 3, 4]);
    const y = tf.stridedSlice(x, [1, 0, 0], [2, 3, 4], [1, 2, 3], 0, 0, 0, 0, 1);
    assert.deepEqual(y.arraySync(), [
      [12, 15],
      [20, 23],
    ]);
    const added = tf.stridedSlice(x, [0, 0, 3], [2, 0, 0], [1, 1, -2], 0, 0, 0, 2, 0);
    assert.deepEqual(added.arraySync(), [[[[8, 9, 10, 11]]], [[[20, 21, 22, 23]]]]);
  });

  it('reverses', () => {
    const cases = anyOperand.chain((x) => fc.tuple(fc.constant(x), fc.subarray([...x.shape.keys()], { minLength: 1 })));
    fc.assert(
      fc.property(cases, ([x, axes]) => assertSame([x], (tensor) => tf.reverse(tensor, axes))),
      runs,
    );
  });

  it('splits, evenly and unevenly', () => {
    const cases = anyOperand.chain((x) =>
      between(0, x.shape.length - 1).chain((axis) =>
        fc.tuple(fc.constant(x), fc.constant(axis), fc.array(between(0, x.shape[axis]!), { maxLength: 3 })),
      ),
    );
    fc.assert(
      fc.property(cases, ([x, axis, cuts]) => {
        const ends = [...cuts.sort((p, q) => p - q), x.shape[axis]!];
        const sizes = ends.map((end, index) => end - (ends[index - 1] ?? 0));
        assertSame([x], (tensor) => tf.split(tensor, sizes, axis));
        if (x.shape[axis]! > 0) assertSame([x], (tensor) => tf.split(tensor, x.shape[axis]!, axis - x.shape.length));
      }),
      runs,
    );
  });

  it('takes an axis apart', () => {
    const cases = anyOperand.chain((x) => fc.tuple(fc.constant(x), between(-x.shape.length, x.shape.length - 1)));
    fc.assert(
      fc.property(cases, ([x, axis]) => assertSame([x], (tensor) => tf.unstack(tensor, axis))),
      runs,
    );
  });
});

/** Operands that differ in their length along one axis at most, all of one type. */
const joined: fc.Arbitrary<{ operands: Operand[]; axis: number }> = shapesOf(1, 5).chain((shape) =>
  between(0, shape.length - 1).chain((axis) =>
    fc
      .tuple(fc.array(fc.tuple(between(0, 5), ordersOf(shape)), { minLength: 1, maxLength: 4 }), operandsOf(shape))
      .map(([parts, { dtype }]) => ({
        axis,
        operands: parts.map(([length, order], index) => {
          const own = shape.with(axis, length);
          return { shape: own, order, dtype, values: operandValues(`part ${index}`, own, dtype) };
        }),
      })),
  ),
);

describe('tensors side by side', () => {
  it('are joined along any axis', () => {
    fc.assert(
      fc.property(joined, ({ operands, axis }) => assertSame(operands, (...tensors) => tf.concat(tensors, axis))),
      runs,
    );
  });

  it('are stacked along a new axis', () => {
    const cases = shapesOf(0, 4).chain((shape) =>
      fc.tuple(
        fc.array(ordersOf(shape), { minLength: 1, maxLength: 4 }),
        fc.constant(shape),
        between(0, shape.length),
        fc.constantFrom('float32' as const, 'int32' as const),
      ),
    );
    fc.assert(
      fc.property(cases, ([orders, shape, axis, dtype]) => {
        const operands = orders.map((order, index) => ({
          shape,
          order,
          dtype,
          values: operandValues(`part ${index}`, shape, dtype),
        }));
        assertSame(operands, (...tensors) => tf.stack(tensors, axis));
      }),
      runs,
    );
  });

  it('of two types and of booleans are joined as on the plain backend', () => {
    const x = { shape: [2, 3], order: [1, 0], dtype: 'float32', values: [1, -2, 0, 4, 5, -6] } as const;
    assertSame([x], (tensor) => tf.concat([tf.greater(tensor, 0), tf.less(tensor, 0)], 1));
    assertSame([x], (tensor) => tf.stack([tf.greater(tensor, 0), tf.less(tensor, 0)], 1));
    assertSame([x], (tensor) => tf.split(tf.greater(tensor, 0), 3, 1));
  });
});

/** Operands with an amount of padding before and after each axis. */
function padded(limit: (length: number) => number, operands = anyOperand) {
  return operands.chain((x) =>
    fc.tuple(
      fc.constant(x),
      fc.tuple(...x.shape.map((length) => fc.tuple(between(0, limit(length)), between(0, limit(length))))),
    ),
  );
}

describe('padding', () => {
  it('puts a number around a tensor', () => {
    const cases = fc.tuple(
      padded(() => 3),
      between(-3, 3),
    );
    fc.assert(
      fc.property(cases, ([[x, paddings], value]) => assertSame([x], (tensor) => tf.pad(tensor, paddings, value))),
      runs,
    );
    const x = { shape: [2], order: [0], dtype: 'float32', values: [1, 2] } as const;
    for (const value of [NaN, Infinity, -0.1]) assertSame([x], (tensor) => tf.pad(tensor, [[1, 2]], value));
  });

  it('puts reflections around a tensor, with the edge and without', () => {
    const present = anyOperand.filter(({ shape }) => shape.every((length) => length > 0));
    fc.assert(
      fc.property(
        padded((length) => length - 1, present),
        ([x, paddings]) => assertSame([x], (tensor) => tf.mirrorPad(tensor, paddings, 'reflect')),
      ),
      runs,
    );
    fc.assert(
      fc.property(
        padded((length) => length, present),
        ([x, paddings]) => assertSame([x], (tensor) => tf.mirrorPad(tensor, paddings, 'symmetric')),
      ),
      runs,
    );
  });
});

describe('repetition', () => {
  it('tiles', () => {
    const cases = anyOperand.chain((x) => fc.tuple(fc.constant(x), fc.tuple(...x.shape.map(() => between(0, 3)))));
    fc.assert(
      fc.property(cases, ([x, times]) => assertSame([x], (tensor) => tf.tile(tensor, times))),
      runs,
    );
  });

  it('broadcasts', () => {
    const cases = anyOperand.chain(({ shape }) =>
      fc.tuple(...shape.map(() => fc.boolean()), shapesOf(0, 2)).chain((given) => {
        const front = given.at(-1) as number[];
        const own = shape.map((length, axis) => (given[axis] ? 1 : length));
        return fc.tuple(operandsOf(own), fc.constant([...front, ...shape]));
      }),
    );
    fc.assert(
      fc.property(cases, ([x, shape]) => assertSame([x], (tensor) => tf.broadcastTo(tensor, [...shape]))),
      runs,
    );
  });

  it('fills', () => {
    fc.assert(
      fc.property(anyOperand, fc.constantFrom(2.5, NaN, -Infinity), (x, value) => {
        assertSame([x], (tensor) => [
          tf.zerosLike(tensor),
          tf.onesLike(tensor),
          tf.fill([...x.shape], value),
          tf.fill([...x.shape], -7, 'int32'),
          tf.onesLike(tf.equal(tensor, 0)),
        ]);
      }),
      runs,
    );
  });
});

describe('tensors of many elements', () => {
  // Enough for several threads, and for more than a tile along each axis.
  const shape = [4, 33, 20, 18];
  const rest = { shape, dtype: 'float32', values: operandValues('many', shape, 'float32') } as const;

  for (const order of [
    [0, 1, 2, 3],
    [0, 2, 3, 1],
    [3, 2, 1, 0],
    [1, 0, 3, 2],
  ]) {
    it(`are moved right when their axes lie in the order ${order.join()}`, () => {
      assertSame([{ ...rest, order }], (x) => {
        const view = tf.transpose(x, [2, 0, 3, 1]);
        engineBackend()?.pointerOf(view);
        return [
          view,
          tf.slice(x, [1, 1, 2, 1], [3, 32, 18, 17]),
          tf.stridedSlice(x, [0, 0, 0, 17], [4, 33, 20, 0], [1, 1, 1, -1]),
          tf.concat([x, x], 3),
          tf.stack([x, x], 4),
          ...tf.split(x, 2, 0),
          tf.pad(x, [[0, 1], ...around.slice(1)] as [number, number][], 7),
          tf.tile(x, [1, 2, 1, 1]),
        ];
      });
    });
  }
});

describe('elements of transposed tensors', () => {
  it('are not moved to be cut or joined, and stay channels last', () => {
    tf.tidy(() => {
      const images = (channels: number) => tf.transpose(tf.ones([2, 5, 6, channels]), [0, 3, 1, 2]);
      const [narrow, wide] = [images(4), images(8)];
      const before = materializedBytes();
      const joined = tf.concat([narrow, wide], 1);
      const [half] = tf.split(joined, 2, 1);
      const cut = tf.slice(tf.reverse(half!, 2), [0, 0, 1, 1], [2, 6, 4, 4]);
      const padded = tf.pad(tf.mirrorPad(cut, around, 'reflect'), around, 3);
      const tiled = tf.tile(padded, [2, 1, 2, 3]);
      const results = [joined, half!, padded, tiled, ...tf.unstack(tf.stack([tiled, tiled], 1), 1)];
      assert.equal(materializedBytes(), before);
      for (const result of results) {
        assert.equal(engineBackend()?.layoutOf(tf.transpose(result, [0, 2, 3, 1])), undefined);
        assert.notEqual(engineBackend()?.layoutOf(result), undefined);
      }
    });
  });
});

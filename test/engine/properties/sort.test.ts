import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../src/common/ndarray.js';
import { sorted, takeAlong } from '../../../src/engine/index.js';
import { argsort, sort } from '../../../src/tensor/index.js';
import { describeEngines } from '../../support/engines.js';
import {
  assertExact,
  assertSums,
  between,
  numbers,
  numbersWithSpecials,
  orders,
  samples,
  tensorOf,
} from '../../support/properties.js';
import { Sums } from '../../support/reference.js';

interface Case {
  readonly shape: readonly number[];
  readonly axis: number;
}

/** Shapes of up to three axes; with `length` along the one that counts. */
function casesOf(length: fc.Arbitrary<number>): fc.Arbitrary<Case> {
  return fc.tuple(fc.array(between(1, 5), { maxLength: 2 }), length, between(0, 2)).map(([others, own, place]) => {
    const axis = place % (others.length + 1);
    return { shape: others.toSpliced(axis, 0, own), axis };
  });
}

/** Calls `visit` for each line along an axis with the places of its elements. */
function eachLine({ shape, axis }: Case, visit: (places: number[]) => void): void {
  const inner = sizeOf(shape.slice(axis + 1));
  const length = shape[axis]!;
  for (let line = 0; line < sizeOf(shape) / Math.max(length, 1); line++) {
    const start = Math.floor(line / inner) * length * inner + (line % inner);
    visit(Array.from({ length }, (_, i) => start + i * inner));
  }
}

/** The order by choosing the next element again and again from those that are left. */
function orderOf(values: readonly number[], descending: boolean): number[] {
  const isBefore = (a: number, b: number) =>
    descending ? (Number.isNaN(a) && !Number.isNaN(b)) || a > b : (!Number.isNaN(a) && Number.isNaN(b)) || a < b;
  const left = [...values.keys()];
  const order: number[] = [];
  while (left.length > 0) {
    const best = left.reduce((p, q) => (isBefore(values[q]!, values[p]!) ? q : p));
    order.push(best);
    left.splice(left.indexOf(best), 1);
  }
  return order;
}

function check(one: Case, values: Float32Array, descending: boolean, lie: number, dtype: 'float32' | 'int32'): void {
  tf.tidy(() => {
    const order = new Int32Array(values.length);
    const sorted = new Float64Array(values.length);
    const dx = new Sums(values.length);
    const dy = numbers('dy', one.shape);
    eachLine(one, (places) => {
      orderOf(
        places.map((place) => values[place]!),
        descending,
      ).forEach((from, to) => {
        order[places[to]!] = from;
        sorted[places[to]!] = values[places[from]!]!;
        dx.add(places[from]!, dy[places[to]!]!);
      });
    });
    const options = { axis: one.axis, descending };
    const x = tf.cast(tensorOf(values, one.shape, lie), dtype);
    assertExact(argsort(x, options), one.shape, order, 'order');
    const run = (tensor: Tensor) => sort(tensor, options);
    assertExact(run(x), one.shape, sorted, 'sorted');
    if (dtype === 'float32') assertSums(tf.grad(run)(x, tensorOf(dy, one.shape)), one.shape, dx, 'gradient');
  });
}

const few: typeof numbers = (key, shape) => numbers(key, shape, -3, 3).map(Math.floor);
const wide: typeof numbers = (key, shape) => numbers(key, shape).map((value) => Math.trunc(value * 2 ** 31));
const spread: typeof numbers = (key, shape) => numbers(key, shape, -80, 80).map((value) => value * 2 ** (value / 2));

describeEngines('sorted elements', (engine) => {
  // TensorFlow.js's CPU backend has no gradient of gathering nothing, and takes the square of the length for others.
  const isCompiled = engine === 'native' || engine === 'wasm';
  const cases = isCompiled ? fc.oneof(casesOf(between(0, 48)), casesOf(between(49, 300))) : casesOf(between(1, 60));

  for (const [what, fill, dtype] of [
    ['numbers', spread, 'float32'],
    ['equal ones', few, 'float32'],
    ['infinities, zeros of both signs and NaN', numbersWithSpecials, 'float32'],
    ['integers', few, 'int32'],
    ['large integers', wide, 'int32'],
  ] as const) {
    it(`are in order among ${what}`, () => {
      fc.assert(
        fc.property(cases, fc.boolean(), orders, (one, descending, [lie = 0]) =>
          check(one, fill('x', one.shape), descending, lie, dtype),
        ),
        samples(30),
      );
    });
  }

  (isCompiled ? it : it.skip)('are the same where there is work for several threads', () => {
    const values = numbers('many', [40, 900]);
    check({ shape: [40, 900], axis: 1 }, values, false, 0, 'float32');
    check({ shape: [900, 40], axis: 0 }, values, true, 0, 'float32');
  });

  it('hold NaN of any sign and bits for equal', () => {
    tf.tidy(() => {
      const bits = Uint32Array.of(0xffc00000, 0x3f800000, 0x7fc00001, 0x7fc00000);
      assertExact(argsort(tf.tensor1d(new Float32Array(bits.buffer))), [4], [1, 0, 2, 3], 'order');
    });
  });

  it('have an order on truth values, too', () => {
    tf.tidy(() => {
      const truth = tf.tensor1d([1, 0, 1, 0], 'bool');
      assertExact(sorted(truth, { axis: 0, descending: false })[1], [4], [1, 3, 0, 2], 'order');
    });
  });
});

describeEngines('elements taken along an axis', () => {
  it('are those of the indices, with gradients that add up', () => {
    fc.assert(
      fc.property(casesOf(between(1, 9)), between(0, 12), orders, ({ shape, axis }, count, lie) => {
        tf.tidy(() => {
          const outShape = shape.with(axis, count);
          const [x, dy] = [numbers('x', shape), numbers('dy', outShape)];
          const draws = numbers('indices', outShape, 0, shape[axis]).map(Math.floor);
          const y = new Float64Array(dy.length);
          const dx = new Sums(x.length);
          const lines: number[][] = [];
          eachLine({ shape, axis }, (places) => lines.push(places));
          let line = 0;
          eachLine({ shape: outShape, axis }, (places) => {
            const from = lines[line++]!;
            for (const place of places) {
              y[place] = x[from[draws[place]!]!]!;
              dx.add(from[draws[place]!]!, dy[place]!);
            }
          });
          const indices = tf.cast(tensorOf(draws, outShape, lie[1]), 'int32');
          const run = (tensor: Tensor) => takeAlong(tensor, indices, axis);
          const source = tensorOf(x, shape, lie[0]);
          assertExact(run(source), outShape, y, 'taken');
          assertSums(tf.grad(run)(source, tensorOf(dy, outShape, lie[2])), shape, dx, 'gradient');
        });
      }),
      samples(60),
    );
  });
});

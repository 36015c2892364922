import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { engineBackend, materializedBytes, stepInPlace } from '../../src/engine/index.js';
import { changeInPlace } from '../../src/engine/in-place.js';
import { input } from '../kernels/reference.js';
import { ordersOf, shapesOf, storeInOrder } from './compare.js';

/** One parameter of a step: its shape, and the orders in which it, its gradient and its slots lie. */
const parameters = fc.array(
  shapesOf(0, 4, 9).chain((shape) =>
    fc.record({ shape: fc.constant(shape), orders: fc.array(ordersOf(shape), { minLength: 5, maxLength: 5 }) }),
  ),
  { minLength: 1, maxLength: 6 },
);

interface Row {
  readonly variable: Variable;
  readonly gradient: Tensor;
  readonly slots: readonly Variable[];
  readonly powers: readonly Variable[];
  /** The numbers before the step, in double precision. */
  readonly before: { readonly p: Float32Array; readonly g: Float32Array; readonly slots: readonly Float32Array[] };
  readonly rate: number;
  readonly decay: number;
  readonly shrink: number;
}

function makeRow(shape: readonly number[], orders: readonly (readonly number[])[], index: number): Row {
  const values = (key: string, low = -1) => input(`${key} ${index}`, shape, low, 1).values;
  const p = values('p');
  const g = values('g');
  const slots = [values('m'), values('v', 0.1), values('top', 0.1)];
  const made = [p, g, ...slots].map((numbers, kind) => {
    const tensor = kind === 1 ? tf.tensor(numbers, [...shape]) : tf.variable(tf.tensor(numbers, [...shape]));
    storeInOrder(tensor, orders[kind]!);
    return tensor;
  });
  return {
    variable: made[0] as Variable,
    gradient: made[1]!,
    slots: made.slice(2) as Variable[],
    powers: [0.9, 0.99].map((power) => tf.variable(tf.tensor1d([power]))),
    before: { p, g, slots },
    rate: 0.1 * (index + 1),
    decay: index % 2 === 0 ? 0 : 0.05,
    shrink: index % 3 === 0 ? 1 : 0.9,
  };
}

function assertNumbers(tensor: Tensor, expected: ArrayLike<number>, what: string): void {
  const values = tensor.dataSync();
  assert.equal(values.length, expected.length, what);
  values.forEach((value, place) => {
    assert.ok(
      Math.abs(value - expected[place]!) <= 2e-6,
      `${what}: element ${place} is ${value}, expected ${expected[place]}`,
    );
  });
}

/** Checks one kernel on rows: `rule` gives the new numbers of an element, as kernels of optimizers define them. */
function checkStep(
  rows: readonly Row[],
  slotCount: number,
  run: Parameters<typeof stepInPlace>[1],
  rule: (row: Row, p: number, g: number, slots: number[]) => { p: number; slots: number[] },
): void {
  const clones = rows.map(({ variable }) => variable.clone());
  const done = stepInPlace(
    rows.map((row) => ({ ...row, slots: row.slots.slice(0, slotCount) })),
    run,
  );
  assert.ok(done);
  rows.forEach((row, index) => {
    const expected = Array.from(row.before.p, (p, place) => {
      const g = row.before.g[place]! + row.decay * p;
      const slots = row.before.slots.map((slot) => slot[place]!);
      return rule(row, p, g, slots);
    });
    assertNumbers(
      row.variable,
      expected.map(({ p }) => p),
      `parameter ${index}`,
    );
    row.slots.slice(0, slotCount).forEach((slot, kind) => {
      assertNumbers(
        slot,
        expected.map(({ slots }) => slots[kind]!),
        `slot ${kind} of parameter ${index}`,
      );
    });
    assert.deepEqual(clones[index]!.dataSync(), row.before.p, 'a clone made before keeps its numbers');
    assert.deepEqual(row.gradient.dataSync(), row.before.g, 'the gradient stays');
  });
}

const rowsOf = (
  shapes: readonly { readonly shape: readonly number[]; readonly orders: readonly (readonly number[])[] }[],
) => shapes.map(({ shape, orders }, index) => makeRow(shape, orders, index));

const checks: Record<string, (rows: readonly Row[]) => void> = {
  'gradient descent': (rows) =>
    checkStep(
      rows,
      0,
      (kernels, table, count) => kernels.sgd_step(table, count),
      ({ rate, shrink }, p, g, slots) => ({ p: shrink * p - rate * g, slots }),
    ),
  momentum: (rows) =>
    checkStep(
      rows,
      1,
      (kernels, table, count) => kernels.momentum_step(table, count, 0.8, 0),
      ({ rate, shrink }, p, g, [v = 0]) => ({ p: shrink * p - rate * (0.8 * v + g), slots: [0.8 * v + g] }),
    ),
  'momentum after Nesterov': (rows) =>
    checkStep(
      rows,
      1,
      (kernels, table, count) => kernels.momentum_step(table, count, 0.8, 1),
      ({ rate, shrink }, p, g, [v = 0]) => {
        const next = 0.8 * v + g;
        return { p: shrink * p - rate * (g + 0.8 * next), slots: [next] };
      },
    ),
  Adam: (rows) => checkAdam(rows, 2),
  'Adam with the largest moment': (rows) => checkAdam(rows, 3),
};

function checkAdam(rows: readonly Row[], slotCount: number): void {
  checkStep(
    rows,
    slotCount,
    (kernels, table, count) => kernels.adam_step(table, count, 0.9, 0.99, 1e-3),
    ({ rate, shrink }, p, g, [m = 0, v = 0, top = 0]) => {
      const first = 0.9 * m + 0.1 * g;
      const second = 0.99 * v + 0.01 * g * g;
      const largest = Math.max(second, top);
      const root = Math.sqrt((slotCount === 3 ? largest : second) / (1 - 0.99));
      return { p: shrink * p - (rate * (first / (1 - 0.9))) / (root + 1e-3), slots: [first, second, largest] };
    },
  );
  for (const { powers } of rows) {
    assertNumbers(powers[0]!, [0.9 * 0.9], 'product of beta1');
    assertNumbers(powers[1]!, [0.99 * 0.99], 'product of beta2');
  }
}

(engineBackend() ? describe : describe.skip)('steps of many parameters at once', () => {
  for (const [name, check] of Object.entries(checks)) {
    it(`${name} changes each element by its rule, in any order of memory`, () => {
      fc.assert(
        fc.property(parameters, (shapes) => tf.tidy(() => check(rowsOf(shapes)))),
        { numRuns: 25 },
      );
      // Enough elements for several threads, parted within a parameter.
      const long = [[3], [40_001], [7, 1], [150, 151]].map((shape) => ({
        shape,
        orders: Array.from({ length: 5 }, () => [...shape.keys()]),
      }));
      tf.tidy(() => check(rowsOf(long)));
    });
  }

  it('take a gradient that two parameters share', () => {
    tf.tidy(() => {
      const shape = [4, 6];
      const gradient = tf.tensor(input('shared', shape).values, shape);
      const variables = [
        [0, 1],
        [1, 0],
      ].map((order) => {
        const variable = tf.variable(tf.zeros(shape));
        storeInOrder(variable, order);
        return variable;
      });
      stepInPlace(
        variables.map((variable) => ({ variable, gradient, rate: -1, decay: 0 })),
        (kernels, table, count) => kernels.sgd_step(table, count),
      );
      for (const variable of variables) assert.deepEqual(variable.dataSync(), gradient.dataSync());
    });
  });

  it('move nothing once all lies in the order of its parameter', () => {
    tf.tidy(() => {
      const rows = [
        makeRow(
          [3, 4, 5],
          [
            [2, 0, 1],
            [2, 0, 1],
            [0, 1, 2],
            [1, 2, 0],
            [2, 1, 0],
          ],
          0,
        ),
      ];
      const step = () => stepInPlace(rows, (kernels, table, count) => kernels.adam_step(table, count, 0.9, 0.99, 1e-3));
      step();
      const before = materializedBytes();
      step();
      assert.equal(materializedBytes(), before);
    });
  });

  it('move an average towards a value', () => {
    tf.tidy(() => {
      const shape = [101];
      const [average, value] = [input('average', shape), input('value', shape)];
      const variable = tf.variable(average.tensor);
      changeInPlace([variable], value.tensor, (kernels, [target = 0], source) => {
        kernels.move_average(target, source, value.values.length, 0.75, 0.25);
      });
      assertNumbers(
        variable,
        average.values.map((old, place) => 0.75 * old + 0.25 * value.values[place]!),
        'average',
      );
    });
  });
});

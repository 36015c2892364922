import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { engineBackend, materializedBytes, selectEngine } from '../../src/engine/index.js';
import type { EngineBackend } from '../../src/engine/backend.js';
import { layoutForShape, normalizeLayout, transposedLayout } from '../../src/engine/layout.js';
import { indicesOf, input, placeOf } from '../kernels/reference.js';
import { describeCompiledEngines } from '../support/engines.js';
import { storeInOrder } from './compare.js';

const toLast = [0, 2, 3, 1];
const toFirst = [0, 3, 1, 2];

function active(): EngineBackend {
  const backend = engineBackend();
  assert.ok(backend);
  return backend;
}

/** Bytes that are moved between layouts while `fn` runs. */
function bytesMoved(fn: () => unknown): number {
  const before = materializedBytes();
  fn();
  return materializedBytes() - before;
}

/** Shapes with a few axes, some of length 1. */
const anyShape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });

const permutationOf = (rank: number) =>
  fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank },
  );

const anyView = anyShape.chain((shape) => fc.record({ shape: fc.constant(shape), order: permutationOf(shape.length) }));

/** For each element in logical order, its place in memory. */
function placesOf(shape: readonly number[], order: readonly number[]): number[] {
  return Array.from(indicesOf(shape), (index) =>
    placeOf(
      order.map((axis) => index[axis]!),
      order.map((axis) => shape[axis]!),
    ),
  );
}

const naturalOrder = (shape: readonly number[]) => shape.map((_, axis) => axis);

describe('layouts', () => {
  it('keep the places of elements when they are normalised, and are equal when the places are', () => {
    fc.assert(
      fc.property(anyView, ({ shape, order }) => {
        const normal = normalizeLayout(shape, order);
        assert.deepEqual(placesOf(shape, normal ?? naturalOrder(shape)), placesOf(shape, order));
        const other = naturalOrder(shape).filter((axis) => shape[axis] === 1);
        const moved = [...order.filter((axis) => shape[axis] !== 1), ...other];
        assert.deepEqual(normalizeLayout(shape, moved), normal);
        if (normal) assert.deepEqual(normalizeLayout(shape, normal), normal);
      }),
    );
  });

  it('of a transposition have its elements where they were', () => {
    const cases = anyView.chain((view) => fc.tuple(fc.constant(view), permutationOf(view.shape.length)));
    fc.assert(
      fc.property(cases, ([{ shape, order }, perm]) => {
        const out = perm.map((axis) => shape[axis]!);
        const layout = transposedLayout(shape, normalizeLayout(shape, order), perm);
        const places = placesOf(shape, order);
        const expected = Array.from(indicesOf(out), (index) => {
          const source = shape.map((_, axis) => index[perm.indexOf(axis)]!);
          return places[placeOf(source, shape)];
        });
        assert.deepEqual(placesOf(out, layout ?? naturalOrder(out)), expected);
      }),
    );
  });

  it('carry over to a shape whose axes are parts or unions of axes that lie together', () => {
    assert.deepEqual(layoutForShape({ shape: [8, 16, 5, 4], order: toLast }, [8, 16, 20]), [0, 2, 1]);
    assert.deepEqual(layoutForShape({ shape: [8, 16, 20], order: [0, 2, 1] }, [8, 4, 4, 5, 4]), [0, 3, 4, 1, 2]);
    assert.equal(layoutForShape({ shape: [8, 16, 5, 4], order: toLast }, [8, 320]), null);
    assert.equal(layoutForShape({ shape: [8, 16, 5, 4], order: toLast }, [128, 20]), null);
    const cases = anyView.chain((view) => fc.tuple(fc.constant(view), fc.array(fc.integer({ min: 1, max: 6 }))));
    fc.assert(
      fc.property(cases, ([view, shape]) => {
        if (sizeOf(shape) !== sizeOf(view.shape)) return;
        const layout = layoutForShape(view, shape);
        if (layout === null) return;
        assert.deepEqual(placesOf(shape, layout ?? naturalOrder(shape)), placesOf(view.shape, view.order));
      }),
      { numRuns: 1000 },
    );
  });
});

describeCompiledEngines('transposed tensors', () => {
  let live: number;
  beforeEach(() => {
    live = active().pool.liveBytes;
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    assert.equal(active().pool.liveBytes, live, 'memory is given back');
  });

  it('move nothing and take no memory, whatever is transposed back', () => {
    for (const dtype of ['float32', 'int32'] as const) {
      const x = tf.cast(tf.reshape(tf.range(0, 120), [2, 3, 4, 5]), dtype);
      active().pointerOf(x);
      const before = active().pool.liveBytes;
      const moved = bytesMoved(() => {
        const last = tf.transpose(x, toLast);
        assert.deepEqual(active().layoutOf(last), [0, 3, 1, 2]);
        assert.deepEqual(last.shape, [2, 4, 5, 3]);
        const back = tf.transpose(last, toFirst);
        assert.equal(active().layoutOf(back), undefined);
        assert.equal(active().pointerOf(back), active().pointerOf(x));
      });
      assert.equal(moved, 0);
      assert.equal(active().pool.liveBytes, before);
    }
  });

  it('are read in logical order and stay as they lie', () => {
    const { values, tensor: x } = input('read', [2, 3, 4]);
    const view = tf.transpose(x, [2, 0, 1]);
    const expected = Array.from(indicesOf([4, 2, 3]), ([a, b, c]) => values[placeOf([b!, c!, a!], [2, 3, 4])]!);
    assert.equal(
      bytesMoved(() => assert.deepEqual([...view.dataSync()], expected)),
      0,
    );
    assert.deepEqual(active().layoutOf(view), [1, 2, 0]);
    // A kernel of TensorFlow.js needs them in logical order.
    assert.equal(
      bytesMoved(() => assert.deepEqual([...tf.atan(view).dataSync()], [...tf.atan(tf.tensor1d(expected)).dataSync()])),
      96,
    );
    assert.equal(active().layoutOf(view), undefined);
    assert.deepEqual([...x.dataSync()], [...values]);
  });

  it('keep their order through elementwise functions, beside scalars, vectors of channels and each other', () => {
    const x = tf.transpose(input('x', [2, 4, 5, 3]).tensor, toFirst);
    const y = tf.transpose(input('y', [2, 4, 5, 3]).tensor, toFirst);
    const bias = input('bias', [1, 3, 1, 1]).tensor;
    let result = x;
    const moved = bytesMoved(() => {
      const scaled = tf.add(tf.mul(y, 2), bias);
      result = tf.sub(tf.maximum(tf.relu(x), scaled), tf.mul(y, tf.step(x)));
    });
    assert.equal(moved, 0);
    assert.deepEqual(active().layoutOf(result), toLast);
    const gate = input('gate', [2, 3, 1, 1]).tensor;
    assert.deepEqual(active().commonLayout([gate, y], y.shape), toLast);
  });

  it('bring a row-major operand of the same shape into their order', () => {
    const view = tf.transpose(input('view', [2, 4, 5, 3]).tensor, toFirst);
    const plain = input('plain', [2, 3, 4, 5]);
    const expected = tf.add(tf.tensor(view.dataSync(), view.shape), plain.tensor).dataSync();
    const sum = tf.add(plain.tensor, view);
    assert.deepEqual(active().layoutOf(sum), toLast);
    assert.deepEqual(sum.dataSync(), expected);
    assert.equal(
      bytesMoved(() => tf.add(plain.tensor, view)),
      0,
    );
    assert.deepEqual(plain.tensor.dataSync(), plain.values);
  });

  it('move the smaller operand rather than the larger', () => {
    const small = tf.transpose(input('small', [1, 4, 5, 3]).tensor, toFirst);
    const large = input('large', [6, 3, 4, 5]).tensor;
    assert.equal(
      bytesMoved(() => tf.add(large, small)),
      240,
    );
  });

  it('are summed where they lie', () => {
    const x = tf.transpose(input('summed', [2, 4, 5, 3]).tensor, toFirst);
    const plain = tf.tensor(x.dataSync(), x.shape);
    for (const axes of [[0, 2, 3], [2, 3], [1], [0, 1, 2, 3], [3], []]) {
      for (const keepDims of [false, true]) {
        const expected = tf.sum(plain, axes, keepDims);
        let sum = expected;
        assert.equal(
          bytesMoved(() => (sum = tf.sum(x, axes, keepDims))),
          0,
        );
        assert.deepEqual(sum.shape, expected.shape);
        const [got, wanted] = [sum.dataSync(), expected.dataSync()];
        wanted.forEach((value, index) => assert.ok(Math.abs(value - got[index]!) < 1e-5));
      }
    }
  });

  it('are filled in their order', () => {
    const x = tf.transpose(input('x', [2, 4, 5, 3]).tensor, toFirst);
    for (const [filled, value] of [
      [tf.zerosLike(x), 0],
      [tf.onesLike(x), 1],
    ] as const) {
      assert.deepEqual(active().layoutOf(filled), toLast);
      assert.ok(filled.dataSync().every((element) => element === value));
    }
  });

  it('are multiplied as they lie when rows and columns are swapped', () => {
    for (const [batch, shape] of [
      [[], [5, 7]],
      [[3], [5, 7]],
      [
        [2, 2],
        [1, 4],
      ],
    ] as const) {
      const [rows, columns] = shape;
      const x = input('x', [...batch, rows, columns]).tensor;
      const axes = naturalOrder(x.shape);
      const view = tf.transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
      const [left, right] = [input('left', [6, columns]).tensor, input('right', [rows, 6]).tensor];
      const compute = (matrix: Tensor) => [
        tf.matMul(matrix, right),
        tf.matMul(left, matrix),
        tf.matMul(matrix, left, true, true),
        tf.matMul(right, matrix, true, true),
        tf.matMul(matrix, matrix, true),
      ];
      const expected = compute(tf.tensor(view.dataSync(), view.shape));
      let results: Tensor[] = [];
      assert.equal(
        bytesMoved(() => (results = compute(view))),
        0,
      );
      results.forEach((result, index) => {
        const wanted = expected[index]!;
        assert.deepEqual(result.shape, wanted.shape);
        const values = wanted.dataSync();
        result.dataSync().forEach((value, place) => assert.ok(Math.abs(value - values[place]!) < 1e-5));
      });
    }
  });

  it('survive a forced disposal of what they were made of', () => {
    const { values, tensor: x } = input('base', [6, 7]);
    const view = tf.transpose(x);
    const before = tf.engine().state.numTensors;
    active().disposeData(x.dataId, true);
    const others = tf.fill([6, 7], 5);
    active().pointerOf(others);
    const expected = Array.from(indicesOf([7, 6]), ([a, b]) => values[b! * 7 + a!]!);
    assert.deepEqual([...view.dataSync()], expected);
    assert.equal(tf.engine().state.numTensors, before + 1);
  });

  it('do not confuse tensors that share their data', () => {
    // A reshaped tensor with the shape of the transposed one, but other values.
    const x = input('square', [4, 4]).tensor;
    const view = tf.transpose(x);
    const folded = tf.reshape(view, [2, 8]);
    const unfolded = tf.reshape(folded, [4, 4]);
    const wide = tf.reshape(view, [2, 2, 4]);
    const expected = tf.relu(tf.tensor(view.dataSync(), [4, 4])).dataSync();
    for (const tensor of [unfolded, wide, folded, view]) assert.deepEqual(tf.relu(tensor).dataSync(), expected);
    const places = Array.from(indicesOf([8, 2]), ([row, column]) => view.dataSync()[placeOf([column!, row!], [2, 8])]!);
    assert.deepEqual([...tf.transpose(tf.reshape(view, [2, 8])).dataSync()], places);
    // The view itself was not moved for the sake of the others.
    assert.deepEqual(active().layoutOf(view), [1, 0]);
  });
});

describeCompiledEngines('a kernel that needs the same elements in two orders', () => {
  it('finds both', () => {
    const values = [1, 2, 3, 4, 5, 6];
    const x = tf.tensor(values, [1, 2, 3]);
    const column = tf.reshape(x, [6, 1, 1]);
    storeInOrder(x, [0, 2, 1]);
    const expected = values.flatMap((one) => values.map((other) => one + other));
    assert.deepEqual([...tf.add(x, column).dataSync()], expected);
    storeInOrder(x, [0, 2, 1]);
    assert.deepEqual([...tf.add(column, x).dataSync()], expected);
  });
});

describeCompiledEngines('the order in which a tensor is stored', (engine) => {
  it('can be chosen, and changes neither values nor clones', () => {
    const { values, tensor: x } = input('stored', [4, 3, 2, 2]);
    const clone = tf.clone(x);
    const flat = tf.reshape(x, [48]);
    assert.equal(
      bytesMoved(() => storeInOrder(x, [2, 3, 1, 0])),
      192,
    );
    assert.equal(
      bytesMoved(() => storeInOrder(x, [2, 3, 1, 0])),
      0,
    );
    assert.equal(
      bytesMoved(() => active().pointerOf(tf.transpose(x, [2, 3, 1, 0]))),
      0,
    );
    for (const tensor of [x, clone, flat, tf.neg(tf.neg(flat))]) assert.deepEqual(tensor.dataSync(), values);
  });

  it('is left alone on other backends', () => {
    selectEngine('js');
    const { values, tensor } = input('js', [2, 3]);
    storeInOrder(tensor, [1, 0]);
    assert.deepEqual(tensor.dataSync(), values);
    assert.equal(materializedBytes(), 0);
    selectEngine(engine);
  });
});

/** One step of a random program: an operation on tensors chosen from those made so far. */
interface Step {
  readonly operation: string;
  readonly first: number;
  readonly second: number;
  readonly choice: number;
}

/** A permutation of `rank` axes that depends on `choice` alone. */
function permutation(rank: number, choice: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const perm: number[] = [];
  for (let left = rank; left > 0; choice = Math.floor(choice / left), left--) {
    perm.push(...axes.splice(choice % left, 1));
  }
  return perm;
}

/** Another shape of as many elements. */
function regrouped(shape: readonly number[], choice: number): number[] {
  const factors = shape.flatMap((length) => ({ 1: [1], 4: [2, 2], 6: [2, 3] })[length] ?? [length]);
  const out: number[] = [1];
  factors.forEach((factor, index) => {
    if ((choice >> index) & 1 && out.length < 5) out.push(factor);
    else out[out.length - 1]! *= factor;
  });
  return out;
}

/** Two tensors of shapes that broadcast to each other, the second made of `other`'s elements where it fits. */
function partner(x: Tensor, other: Tensor, choice: number): Tensor {
  if (other.shape.join() === x.shape.join()) return other;
  const candidates = [
    x,
    tf.scalar(2),
    tf.sum(x, choice % Math.max(x.rank, 1), true),
    tf.reshape(
      tf.slice(
        x,
        x.shape.map(() => 0),
      ),
      x.shape,
    ),
  ];
  return candidates[choice % (x.rank === 0 ? 2 : 4)]!;
}

/** Keeps numbers so small that sums of them are exact. */
const small = (x: Tensor) => tf.clipByValue(x, -1000, 1000);

/** Operations that make integers of integers, so that results are equal and not only close. */
const operations: Record<string, (x: Tensor, other: Tensor, choice: number) => Tensor> = {
  transpose: (x, _, choice) => tf.transpose(x, permutation(x.rank, choice)),
  reshape: (x, _, choice) => tf.reshape(x, regrouped(x.shape, choice)),
  relu: (x) => tf.relu(x),
  reverse: (x, _, choice) => tf.reverse(x, choice % x.rank),
  step: (x, _, choice) => tf.step(x, choice % 3),
  add: (x, other, choice) => small(tf.add(x, partner(x, other, choice))),
  multiply: (x, other, choice) => small(tf.mul(partner(x, other, choice), x)),
  slice: (x, _, choice) =>
    tf.slice(
      x,
      x.shape.map((length, axis) => (axis === choice % x.rank && length > 1 ? 1 : 0)),
    ),
  concat: (x, _, choice) => (x.size > 200 ? x : tf.concat([x, tf.neg(x)], choice % x.rank)),
  sum: (x, _, choice) => small(tf.sum(x, choice % x.rank, choice % 2 === 0)),
  mean: (x, _, choice) => {
    const axes = x.shape.map((_, axis) => axis).filter((axis) => (choice >> axis) & 1);
    const mean = tf.mean(x, axes, true);
    return small(tf.round(tf.mul(mean, x.size / mean.size)));
  },
  clone: (x) => tf.clone(x),
  integers: (x, _, choice) => tf.cast(tf.transpose(tf.cast(x, 'int32'), permutation(x.rank, choice)), 'float32'),
  stack: (x) => (x.rank > 4 || x.size > 200 ? x : tf.stack([x, x], x.rank)),
};

const anyProgram = fc.record({
  shape: fc.array(fc.constantFrom(1, 2, 3, 4, 6), { minLength: 1, maxLength: 4 }),
  steps: fc.array(
    fc.record({
      operation: fc.constantFrom(
        ...Object.keys(operations),
        'transpose',
        'transpose',
        'reshape',
        'dispose',
        'read',
        'store',
      ),
      first: fc.nat(20),
      second: fc.nat(20),
      choice: fc.nat(1000),
    }),
    { minLength: 1, maxLength: 14 },
  ),
});

/** Values of all tensors that a program makes, those read on the way first. */
function runProgram(shape: readonly number[], steps: readonly Step[]): number[][] {
  return tf.tidy(() => {
    const tensors: Tensor[] = [tf.floor(input('program', shape, -5, 6).tensor)];
    const results: number[][] = [];
    for (const { operation, first, second, choice } of steps) {
      const at = (index: number) => tensors[tensors.length - 1 - (index % tensors.length)]!;
      const x = at(first);
      if (operation === 'dispose') {
        if (tensors.length > 1) tensors.splice(tensors.indexOf(x), 1)[0]!.dispose();
      } else if (operation === 'read') {
        results.push([...x.dataSync()]);
      } else if (operation === 'store') {
        storeInOrder(x, permutation(x.rank, choice));
      } else if (x.rank > 0) {
        const y = operations[operation]!(x, at(second), choice);
        // What stays in the list can be disposed once.
        tensors.push(tensors.includes(y) ? tf.clone(y) : y);
      }
    }
    return [...results, ...tensors.map((tensor) => [...tensor.shape, ...tensor.dataSync()])];
  });
}

describeCompiledEngines('chains of operations', (engine) => {
  it('have the values that they have without views, and give their memory back', () => {
    fc.assert(
      fc.property(anyProgram, ({ shape, steps }) => {
        selectEngine('js');
        const expected = runProgram(shape, steps);
        selectEngine(engine);
        const before = active().pool.liveBytes;
        const actual = runProgram(shape, steps);
        assert.equal(active().pool.liveBytes, before, 'memory is given back');
        // Zeros of either sign are equal.
        const unsigned = (results: number[][]) => results.map((values) => values.map((value) => value + 0));
        assert.deepEqual(unsigned(actual), unsigned(expected));
      }),
      { numRuns: Number(process.env.PADDLEWHEEL_PROPERTY_RUNS ?? 500) },
    );
  });
});

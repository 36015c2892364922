import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../src/common/ndarray.js';
import { info } from '../../../src/device/index.js';
import { describeEngines } from '../../support/engines.js';
import { assertExact, samples } from '../../support/properties.js';

/**
 * Random chains of operations on a few tensors that share storage, are views of each other, are read and disposed.
 *
 * All numbers are small integers, so that every result is exact and a single wrong element shows.
 */
interface Value {
  readonly tensor: Tensor;
  /** What the tensor must hold. */
  readonly expected: number[];
}

const limit = 60;
const maximumSize = 4000;

type Index = readonly number[];

/** The coordinates of the element at a place in C order. */
function coordinates(place: number, shape: Index): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = place % shape[axis]!;
    place = Math.floor(place / shape[axis]!);
  }
  return index;
}

const placeOf = (index: Index, shape: Index) =>
  index.reduce((place, position, axis) => place * shape[axis]! + position, 0);

/** Numbers of a result of the given shape, each the element of `from` at the coordinates that `source` gives. */
function gathered(from: Value, shape: Index, source: (index: number[]) => number[] | undefined): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, place) => {
    const index = source(coordinates(place, shape));
    return index === undefined ? 0 : from.expected[placeOf(index, from.tensor.shape)]!;
  });
}

/** Draws whole numbers from a seed. */
class Draws {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  below(count: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * count);
  }
}

type Operation = (x: Value, draws: Draws, other: Value) => Value | undefined;

function elementwise(run: (x: Tensor) => Tensor, fn: (x: number) => number): Operation {
  return (x) => ({ tensor: run(x.tensor), expected: x.expected.map(fn) });
}

/** Two operands, the second of which is broadcast when its axes allow it. */
function binary(run: (a: Tensor, b: Tensor) => Tensor, fn: (a: number, b: number) => number): Operation {
  return (a, _, b) => {
    const [long, short] = [a.tensor.shape, b.tensor.shape];
    const offset = long.length - short.length;
    if (offset < 0 || short.some((length, axis) => length !== 1 && length !== long[axis + offset])) return undefined;
    const repeated = gathered(b, long, (index) =>
      short.map((length, axis) => (length === 1 ? 0 : index[axis + offset]!)),
    );
    return { tensor: run(a.tensor, b.tensor), expected: a.expected.map((value, place) => fn(value, repeated[place]!)) };
  };
}

/** A permutation of the axes. */
function permutation(rank: number, draws: Draws): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  for (let i = rank - 1; i > 0; i--) {
    const j = draws.below(i + 1);
    [axes[i], axes[j]] = [axes[j]!, axes[i]!];
  }
  return axes;
}

function transpose(x: Value, perm: number[]): Value {
  const shape = perm.map((axis) => x.tensor.shape[axis]!);
  const expected = gathered(x, shape, (index) => x.tensor.shape.map((_, axis) => index[perm.indexOf(axis)]!));
  return { tensor: tf.transpose(x.tensor, perm), expected };
}

function reduce(
  x: Value,
  draws: Draws,
  run: (x: Tensor, axes: number[], keepDims: boolean) => Tensor,
  fn: (a: number, b: number) => number,
): Value | undefined {
  const { shape } = x.tensor;
  if (shape.length === 0) return undefined;
  const axes = [...shape.keys()].filter(() => draws.below(2) === 0);
  if (axes.length === 0) axes.push(draws.below(shape.length));
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const expected: (number | undefined)[] = new Array<number | undefined>(sizeOf(kept)).fill(undefined);
  x.expected.forEach((value, place) => {
    const target = placeOf(
      coordinates(place, shape).map((position, axis) => (axes.includes(axis) ? 0 : position)),
      kept,
    );
    const before = expected[target];
    expected[target] = before === undefined ? value : fn(before, value);
  });
  return { tensor: run(x.tensor, axes, draws.below(2) === 0), expected: expected as number[] };
}

const operations: Record<string, Operation> = {
  transpose: (x, draws) => transpose(x, permutation(x.tensor.rank, draws)),
  'transpose there and back': (x, draws) => {
    const perm = permutation(x.tensor.rank, draws);
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return { tensor: tf.transpose(tf.transpose(x.tensor, perm), inverse), expected: x.expected };
  },
  'function on a transposed': (x, draws) => {
    const y = transpose(x, permutation(x.tensor.rank, draws));
    return { tensor: tf.relu(y.tensor), expected: y.expected.map((value) => Math.max(value, 0)) };
  },
  reshape: (x, draws) => {
    // Axes merged with their neighbour or split, and ones put between.
    const shape: number[] = [];
    for (const length of x.tensor.shape) {
      const draw = draws.below(5);
      const divisor = [2, 3].find((one) => length % one === 0 && length > 0);
      if (draw === 0 && shape.length > 0) shape[shape.length - 1]! *= length;
      else if (draw === 1 && divisor !== undefined) shape.push(divisor, length / divisor);
      else if (draw === 2) shape.push(1, length);
      else shape.push(length);
    }
    return {
      tensor: tf.reshape(x.tensor, shape.slice(0, 6).length < shape.length ? [-1] : shape),
      expected: x.expected,
    };
  },
  flatten: (x) => ({ tensor: tf.reshape(x.tensor, [x.tensor.size]), expected: x.expected }),
  squeeze: (x) => ({ tensor: tf.squeeze(x.tensor), expected: x.expected }),
  relu: elementwise(tf.relu, (x) => Math.max(x, 0)),
  neg: elementwise(tf.neg, (x) => -x),
  abs: elementwise(tf.abs, Math.abs),
  square: elementwise(tf.square, (x) => x * x),
  sign: elementwise(tf.sign, Math.sign),
  'add a number': elementwise(
    (x) => tf.add(x, 3),
    (x) => x + 3,
  ),
  'int32 and back': elementwise(
    (x) => tf.cast(tf.add(tf.cast(x, 'int32'), tf.scalar(1, 'int32')), 'float32'),
    (x) => x + 1,
  ),
  'where positive': elementwise(
    (x) => tf.where(tf.greater(x, 0), x, tf.onesLike(x)),
    (x) => (x > 0 ? x : 1),
  ),
  add: binary(tf.add, (a, b) => a + b),
  sub: binary(tf.sub, (a, b) => a - b),
  mul: binary(tf.mul, (a, b) => a * b),
  maximum: binary(tf.maximum, Math.max),
  'add its transpose': (x, draws) => {
    const y = transpose(x, permutation(x.tensor.rank, draws));
    return y.tensor.shape.every((length, axis) => length === x.tensor.shape[axis])
      ? { tensor: tf.add(x.tensor, y.tensor), expected: x.expected.map((value, place) => value + y.expected[place]!) }
      : y;
  },
  'add its sums': (x) => {
    if (x.tensor.rank < 2) return undefined;
    const sums = new Map<number, number>();
    const width = x.tensor.shape.at(-1)!;
    x.expected.forEach((value, place) =>
      sums.set(Math.floor(place / width), (sums.get(Math.floor(place / width)) ?? 0) + value),
    );
    const expected = x.expected.map((value, place) => value + sums.get(Math.floor(place / width))!);
    return { tensor: tf.add(x.tensor, tf.sum(x.tensor, -1, true)), expected };
  },
  sum: (x, draws) => reduce(x, draws, tf.sum, (a, b) => a + b),
  max: (x, draws) => (x.tensor.size === 0 ? undefined : reduce(x, draws, tf.max, Math.max)),
  slice: (x, draws) => {
    const begin = x.tensor.shape.map((length) => draws.below(length));
    const size = x.tensor.shape.map((length, axis) => 1 + draws.below(Math.max(length - begin[axis]!, 1)));
    if (x.tensor.rank === 0 || x.tensor.size === 0) return undefined;
    const expected = gathered(x, size, (index) => index.map((position, axis) => position + begin[axis]!));
    return { tensor: tf.slice(x.tensor, begin, size), expected };
  },
  concat: (x, draws, other) => {
    const { shape } = x.tensor;
    if (shape.length === 0) return undefined;
    const axis = draws.below(shape.length);
    const fits =
      other.tensor.rank === shape.length &&
      other.tensor.shape.every((length, index) => index === axis || length === shape[index]);
    const second = fits ? other : x;
    const length = shape[axis]! + second.tensor.shape[axis]!;
    const out = shape.map((one, index) => (index === axis ? length : one));
    const at = (index: Index, shift: number) =>
      index.map((position, one) => (one === axis ? position - shift : position));
    const expected = Array.from({ length: sizeOf(out) }, (_, place) => {
      const index = coordinates(place, out);
      return index[axis]! < shape[axis]!
        ? x.expected[placeOf(index, shape)]!
        : second.expected[placeOf(at(index, shape[axis]!), second.tensor.shape)]!;
    });
    return { tensor: tf.concat([x.tensor, second.tensor], axis), expected };
  },
  'split and take one': (x, draws) => {
    const axis = x.tensor.shape.findIndex((length) => length > 0 && length % 2 === 0);
    if (axis < 0) return undefined;
    const half = x.tensor.shape[axis]! / 2;
    const which = draws.below(2);
    const out = x.tensor.shape.map((length, index) => (index === axis ? half : length));
    const expected = gathered(x, out, (index) =>
      index.map((position, one) => (one === axis ? position + which * half : position)),
    );
    return { tensor: tf.split(x.tensor, 2, axis)[which]!, expected };
  },
  pad: (x, draws) => {
    const { shape } = x.tensor;
    if (shape.length === 0 || shape.length > 4) return undefined;
    const around = shape.map(() => [draws.below(2), draws.below(2)] as [number, number]);
    const out = shape.map((length, axis) => length + around[axis]![0] + around[axis]![1]);
    const expected = gathered(x, out, (index) => {
      const inner = index.map((position, axis) => position - around[axis]![0]);
      return inner.every((position, axis) => position >= 0 && position < shape[axis]!) ? inner : undefined;
    });
    return { tensor: tf.pad(x.tensor, around), expected };
  },
  reverse: (x, draws) => {
    const { shape } = x.tensor;
    if (shape.length === 0) return undefined;
    const axis = draws.below(shape.length);
    const expected = gathered(x, shape, (index) =>
      index.map((position, one) => (one === axis ? shape[axis]! - 1 - position : position)),
    );
    return { tensor: tf.reverse(x.tensor, axis), expected };
  },
  gather: (x, draws) => {
    const { shape } = x.tensor;
    if (shape.length === 0 || x.tensor.size === 0) return undefined;
    const axis = draws.below(shape.length);
    const places = Array.from({ length: 3 }, () => draws.below(shape[axis]!));
    const out = shape.map((length, one) => (one === axis ? 3 : length));
    const expected = gathered(x, out, (index) =>
      index.map((position, one) => (one === axis ? places[position]! : position)),
    );
    return { tensor: tf.gather(x.tensor, tf.tensor1d(places, 'int32'), axis), expected };
  },
  tile: (x, draws) => {
    const { shape } = x.tensor;
    if (shape.length === 0) return undefined;
    const repeats = shape.map(() => 1 + draws.below(2));
    const out = shape.map((length, axis) => length * repeats[axis]!);
    const expected = gathered(x, out, (index) => index.map((position, axis) => position % shape[axis]!));
    return { tensor: tf.tile(x.tensor, repeats), expected };
  },
  'product with its transpose': (x) => {
    if (x.tensor.rank !== 2) return undefined;
    const [rows, columns] = x.tensor.shape as [number, number];
    const expected = Array.from({ length: rows * rows }, (_, place) => {
      const [i, j] = [Math.floor(place / rows), place % rows];
      let sum = 0;
      for (let d = 0; d < columns; d++) sum += x.expected[i * columns + d]! * x.expected[j * columns + d]!;
      return sum;
    });
    return { tensor: tf.matMul(x.tensor, tf.transpose(x.tensor)), expected };
  },
  clone: (x) => ({ tensor: tf.clone(x.tensor), expected: x.expected }),
  'a copy by way of an array': (x) => ({
    tensor: tf.tensor(x.tensor.dataSync(), x.tensor.shape),
    expected: x.expected,
  }),
};

const names = Object.keys(operations);

interface Step {
  readonly what: string;
  /** Which tensors. */
  readonly x: number;
  readonly other: number;
  readonly seed: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom(...names, 'transpose', 'reshape', 'dispose', 'dispose', 'read'),
    x: fc.nat(1000),
    other: fc.nat(1000),
    seed: fc.nat(),
  }),
  { minLength: 1, maxLength: 30 },
);

const starts = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }), { minLength: 1, maxLength: 3 });

/** Runs the steps; gives back every tensor, and checks at the end what has been read and what is left. */
function runChain(shapes: readonly number[][], chain: readonly Step[]): void {
  const values: Value[] = shapes.map((shape, which) => {
    const expected = Array.from({ length: sizeOf(shape) }, (_, place) => ((place * 7 + which * 5) % 13) - 6);
    return { tensor: tf.tensor(expected, shape, 'float32'), expected };
  });
  const reads: { got: ArrayLike<number>; expected: number[]; what: string }[] = [];
  const history: string[] = [];
  for (const { what, x, other, seed } of chain) {
    if (values.length === 0) break;
    const value = values[x % values.length]!;
    history.push(`${what} of [${value.tensor.shape.join()}]`);
    if (what === 'dispose') {
      values.splice(values.indexOf(value), 1);
      value.tensor.dispose();
    } else if (what === 'read') {
      reads.push({ got: value.tensor.dataSync(), expected: value.expected, what: history.join(', ') });
    } else {
      const result = tf.tidy(() => {
        const made = operations[what]!(value, new Draws(seed), values[other % values.length]!);
        if (made === undefined || made.tensor.size > maximumSize) return undefined;
        const small = made.expected.every((number) => Math.abs(number) <= limit);
        const tensor = small ? made.tensor : tf.clipByValue(made.tensor, -limit, limit);
        const expected = made.expected.map((number) => Math.min(Math.max(number, -limit), limit));
        return { tensor, expected };
      });
      if (result) values.push(result);
    }
  }
  values.forEach(({ tensor, expected }, index) =>
    assertExact(tensor, tensor.shape, expected, `tensor ${index} after ${history.join(', ')}`),
  );
  // A read array is the reader's: what happens to the tensor afterwards does not change it.
  for (const { got, expected, what } of reads) assertNumbers(got, expected, what);
  values.forEach(({ tensor }) => tensor.dispose());
}

function assertNumbers(got: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.equal(got.length, expected.length, what);
  expected.forEach((value, place) => assert.ok(got[place] === value, `${what}: read ${got[place]}, expected ${value}`));
}

describeEngines('random chains of operations', () => {
  it('compute what each operation says, and give all memory back', () => {
    fc.assert(
      fc.property(starts, steps, (shapes, chain) => {
        const before = { tensors: tf.memory().numTensors, bytes: info().liveBytes };
        runChain(shapes, chain);
        assert.deepEqual({ tensors: tf.memory().numTensors, bytes: info().liveBytes }, before);
      }),
      samples(120),
    );
  });
});

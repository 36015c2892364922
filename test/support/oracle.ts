/**
 * Reference values computed by real Paddle, and the rule for the deterministic tensors that went into them.
 *
 * The folder and the salt come from ORACLE_DIR and ORACLE_SALT.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { hashText } from '../../src/common/random.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Salt of the reference values in use. */
export const salt = process.env.ORACLE_SALT ?? 'public';

/** Folder of the reference values. */
export const oracleFolder = path.resolve(root, process.env.ORACLE_DIR ?? '../shared/oracle');

/** Size, ends, sum and l2 norm of an array. */
export interface Digest {
  readonly size: number;
  readonly head: readonly number[];
  readonly tail: readonly number[];
  readonly sum: number;
  readonly l2: number;
  readonly noise?: number;
}

/** The cases of a job by name, or undefined on a machine without the reference values. */
function readOracle<Case>(job: string): Record<string, Case> | undefined {
  const file = path.join(oracleFolder, `${job}-${salt}.json`);
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Record<string, Case> }).cases;
}

/**
 * Defines one test per case of a job.
 *
 * A machine without the reference values has one pending test instead.
 *
 * @param skip - cases to leave out
 */
export function describeOracle<Case>(
  job: string,
  run: (name: string, expected: Case) => void | Promise<void>,
  skip: (name: string) => boolean = () => false,
): void {
  describe(`oracle: ${job}`, () => {
    const cases = readOracle<Case>(job);
    if (!cases) {
      it(`needs ${job}-${salt}.json in ORACLE_DIR`);
      return;
    }
    for (const [name, expected] of Object.entries(cases)) {
      // The largest networks take seconds, more on a busy machine.
      if (!skip(name)) it(name, () => run(name, expected)).timeout(120_000);
    }
  });
}

/** Number `index` of those in [0, 1) that a hash stands for, in double precision. */
function unit(hash: number, index: number): number {
  let x = (hash + Math.imul(index, 2654435761)) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return (x >>> 0) / 4294967296;
}

/** `count` numbers in [0, 1) that depend on the salt and the key alone, in double precision. */
export function uniform(key: string, count: number, useSalt = salt): Float64Array {
  const hash = hashText(`${useSalt}:${key}`);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = unit(hash, i);
  return values;
}

/** `offset + scale * (u - centre)` for each number u of {@link uniform}, in single precision. */
function drawn(key: string, count: number, scale: number, centre: number, offset = 0, useSalt = salt): Float32Array {
  const hash = hashText(`${useSalt}:${key}`);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = offset + scale * (unit(hash, i) - centre);
  return values;
}

/** Numbers of an image input, in [-1, 1). */
export function imageValues(key: string, shape: readonly number[], useSalt = salt): Float32Array {
  return drawn(key, sizeOf(shape), 2, 0.5, 0, useSalt);
}

/** An image input, values in [-1, 1). */
export function image(key: string, shape: readonly number[], useSalt = salt): Tensor {
  return tf.tensor(imageValues(key, shape, useSalt), [...shape], 'float32');
}

/** Labels of shape [count, 1]. */
export function labels(key: string, count: number, classes: number): Tensor {
  return tf.tensor2d(labelValues(key, count, classes), [count, 1], 'int32');
}

/** Numbers of labels. */
export function labelValues(key: string, count: number, classes: number): Int32Array {
  return Int32Array.from(uniform(key, count), (u) => Math.floor(u * classes));
}

/** Values of a state-dict entry, by the rule of the reference values. */
function stateValues(key: string, shape: readonly number[], keys: ReadonlySet<string>, useSalt: string): Float32Array {
  const dot = key.lastIndexOf('.');
  const base = dot < 0 ? '' : key.slice(0, dot);
  const leaf = key.slice(dot + 1);
  const values = (scale: number, centre: number, offset = 0) =>
    drawn(key, sizeOf(shape), scale, centre, offset, useSalt);
  if (leaf === '_mean') return values(0.2, 0.5);
  if (leaf === '_variance') return values(0.5, 0, 0.75);
  if (keys.has(`${base}._mean`) && leaf === 'weight') return values(0.2, 0.5, 1);
  if (shape.length <= 1) return values(0.2, 0.5);
  const fanIn = shape.length === 4 ? sizeOf(shape.slice(1)) : (shape[0] ?? 1);
  const bound = Math.sqrt(3 / fanIn);
  return values(2 * bound, 0.5);
}

/** What {@link fill} needs of a layer. */
export interface Fillable {
  stateDict(): Record<string, Tensor>;
  setStateDict(state: Record<string, Tensor>): unknown;
}

/** Sets every entry of a network's state dict by the rule of the reference values. */
export function fill(network: Fillable, useSalt = salt): void {
  const state = network.stateDict();
  const keys = new Set(Object.keys(state));
  tf.tidy(() => {
    const filled: Record<string, Tensor> = {};
    for (const [key, tensor] of Object.entries(state)) {
      filled[key] = tf.tensor(stateValues(key, tensor.shape, keys, useSalt), tensor.shape, 'float32');
    }
    network.setStateDict(filled);
  });
}

/** Asserts |actual - expected| <= tolerance * max(|expected|, floor). */
export function assertClose(actual: number, expected: number, tolerance: number, what: string, floor = 1e-3): void {
  const bound = tolerance * Math.max(Math.abs(expected), floor);
  assert.ok(Math.abs(actual - expected) <= bound, `${what}: got ${actual}, expected ${expected} within ${bound}`);
}

/**
 * Asserts that an array has the digest of the reference: every listed element relative to the array's root mean
 * square, the sum and the norm relative to the norm.
 */
export function assertDigest(
  actual: Tensor | ArrayLike<number>,
  expected: Digest,
  tolerance: number,
  what: string,
): void {
  const values = Array.from(actual instanceof tf.Tensor ? actual.dataSync() : actual);
  assert.equal(values.length, expected.size, `${what}: size`);
  const scale = Math.max(expected.l2 / Math.sqrt(Math.max(1, expected.size)), 1e-6);
  const check = (got: number | undefined, wanted: number, where: string, unit: number) =>
    assert.ok(
      got !== undefined && Math.abs(got - wanted) <= tolerance * Math.max(unit, Math.abs(wanted)),
      `${what}: ${where} is ${got}, expected ${wanted} within ${tolerance * Math.max(unit, Math.abs(wanted))}`,
    );
  expected.head.forEach((wanted, index) => check(values[index], wanted, `element ${index}`, scale));
  expected.tail.forEach((wanted, index) => {
    const position = values.length - expected.tail.length + index;
    check(values[position], wanted, `element ${position}`, scale);
  });
  const l2 = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  check(l2, expected.l2, 'l2 norm', scale);
  const sum = values.reduce((total, value) => total + value, 0);
  check(sum, expected.sum, 'sum', Math.max(expected.l2, scale));
}

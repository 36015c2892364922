/** Tensor functions and their gradients against real Paddle: tensor-functions.json, made by tensor_functions.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { noGrad } from '../../src/autograd/index.js';
import {
  toTensor,
  acos,
  add,
  addmm,
  all,
  allclose,
  amax,
  amin,
  any,
  argmax,
  argmin,
  argsort,
  asin,
  atan,
  bmm,
  broadcastTo,
  cast,
  ceil,
  chunk,
  cos,
  cosh,
  cross,
  cumsum,
  diag,
  dist,
  divide,
  dot,
  einsum,
  equal,
  equalAll,
  erf,
  expand,
  expandAs,
  expm1,
  eye,
  flip,
  floor,
  floorDivide,
  fullLike,
  gather,
  gatherNd,
  greaterEqual,
  greaterThan,
  indexSelect,
  isclose,
  isfinite,
  isinf,
  isnan,
  lerp,
  lessEqual,
  lessThan,
  linspace,
  log,
  log10,
  log1p,
  log2,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  logsumexp,
  maskedSelect,
  maximum,
  median,
  meshgrid,
  minimum,
  mm,
  mod,
  moveaxis,
  multiply,
  mv,
  neg,
  nonzero,
  norm,
  notEqual,
  outer,
  prod,
  reciprocal,
  repeatInterleave,
  roll,
  round,
  rsqrt,
  scatter,
  sign,
  sin,
  sinh,
  sort,
  std,
  swapaxes,
  t,
  takeAlongAxis,
  tan,
  tanh,
  tile,
  topk,
  tril,
  triu,
  trunc,
  unbind,
  unique,
  variance,
  where,
} from '../../src/tensor/index.js';

interface Case {
  readonly results: readonly { readonly shape: number[]; readonly dtype: string; readonly values: number[] }[];
  readonly gradients?: Readonly<Record<string, number[]>>;
}

const expected = JSON.parse(readFileSync(new URL('./tensor-functions.json', import.meta.url), 'utf8')) as Record<
  string,
  Case
>;

function wave(shape: number[], shift: number, stretch = (value: number) => value): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, i) => stretch(Math.fround(Math.sin(shift + 1.3 * i))));
  return toTensor(tf.tensor(values, shape), { stopGradient: false });
}

function makeInputs() {
  return {
    a: wave([3, 4], 0),
    b: wave([3, 4], 5),
    c: wave([2, 3, 4], 9),
    d: wave([2, 4, 5], 3),
    v: wave([4], 7),
    p: wave([3, 4], 2, Math.exp),
    u: wave([3], 4),
    q: wave([4, 4], 6),
    s: wave([3, 1], 1),
    i: tf.tensor1d([2, 0, 2], 'int32') as Tensor,
    n: tf.tensor2d(
      [
        [1, -2, 3],
        [-4, 5, 5],
      ],
      undefined,
      'int32',
    ) as Tensor,
    nd: tf.tensor2d(
      [
        [0, 1],
        [2, 3],
      ],
      undefined,
      'int32',
    ) as Tensor,
    one: tf.tensor2d([[1], [2]], undefined, 'int32') as Tensor,
  };
}

type Inputs = ReturnType<typeof makeInputs>;

const cases: Record<string, (inputs: Inputs) => Tensor | Tensor[]> = {
  fullLike: ({ a }) => fullLike(a, 2.5),
  linspace: () => linspace(-1, 2, 7),
  linspace1: () => linspace(3, 5, 1),
  eye: () => eye(2, { numColumns: 4 }),
  tril: ({ c }) => tril(c, { diagonal: 1 }),
  triu: ({ a }) => triu(a, { diagonal: -1 }),
  diagVector: ({ v }) => diag(v, { offset: -2, paddingValue: 0.5 }),
  diagVectorUp: ({ v }) => diag(v, { offset: 1 }),
  diagMatrix: ({ a }) => diag(a, { offset: 1 }),
  diagMatrixDown: ({ a }) => diag(a, { offset: -2 }),
  meshgrid: ({ v, u }) => meshgrid(v, u),
  chunk: ({ a }) => chunk(a, 2, 1),
  unbind: ({ c }) => unbind(c, 1),
  tile: ({ a }) => tile(a, [2, 1, 3]),
  tileShort: ({ c }) => tile(c, [2]),
  expand: ({ s }) => expand(s, [2, -1, 4]),
  expandAs: ({ s, a }) => expandAs(s, a),
  broadcastTo: ({ v }) => broadcastTo(v, [2, 4]),
  flip: ({ c }) => flip(c, [0, -1]),
  roll: ({ c }) => roll(c, [1, -2], { axis: [0, 2] }),
  rollFlat: ({ a }) => roll(a, 5),
  moveaxis: ({ c }) => moveaxis(c, [0, 1], [-1, 0]),
  swapaxes: ({ c }) => swapaxes(c, 0, -1),
  repeatInterleave: ({ a }) => repeatInterleave(a, 2, { axis: 1 }),
  repeatInterleaveFlat: ({ a }) => repeatInterleave(a, 2),
  gather: ({ a, i }) => gather(a, i),
  gatherAxis: ({ c, i }) => gather(c, i, 2),
  gatherNd: ({ a, nd }) => gatherNd(a, nd),
  gatherNdRows: ({ a, one }) => gatherNd(a, one),
  indexSelect: ({ c, i }) => indexSelect(c, i, 1),
  takeAlongAxis: ({ a, b }) => takeAlongAxis(a, argsort(b, { axis: 0 }), 0),
  scatter: ({ a, i, b }) => scatter(a, tf.slice(i, 0, 2), tf.slice(b, 0, 2)),
  scatterTwice: ({ a, i, b }) => scatter(a, i, b.detach()),
  scatterAdd: ({ a, i, b }) => scatter(a, i, b, { overwrite: false }),
  maskedSelect: ({ a, b }) => maskedSelect(a, greaterThan(b, 0)),
  nonzero: ({ c }) => nonzero(greaterThan(c, 0.2)),
  where: ({ a, b }) => where(greaterThan(a, 0), a, b),
  whereBroadcast: ({ s, a, v }) => where(greaterThan(s, 0), a, v),
  unique: ({ n }) => unique(n),
  uniqueAll: ({ n }) => unique(n, { returnIndex: true, returnInverse: true, returnCounts: true }),
  prod: ({ b }) => prod(b, 1),
  prodAxes: ({ c }) => prod(c, { axis: [0, 2], keepdim: true }),
  prodAll: ({ v }) => prod(v),
  std: ({ c }) => std(c, [0, 2]),
  stdBiased: ({ a }) => std(a, { axis: 0, unbiased: false, keepdim: true }),
  var: ({ a }) => variance(a),
  logsumexp: ({ a }) => logsumexp(a, 1),
  logsumexpAll: ({ a }) => logsumexp(a),
  cumsum: ({ c }) => cumsum(c, 1),
  cumsumFlat: ({ a }) => cumsum(a),
  all: ({ a }) => all(greaterThan(a, -0.9), 1),
  any: ({ a }) => any(greaterThan(a, 0.9), { axis: 0, keepdim: true }),
  median: ({ a }) => median(a, 1),
  medianOdd: ({ a }) => median(a, { axis: 0, keepdim: true }),
  medianAll: ({ c }) => median(c),
  amax: ({ c }) => amax(c, [0, 1]),
  amin: ({ c }) => amin(c, 1),
  argmaxKeep: ({ a }) => argmax(a, { axis: 1, keepdim: true }),
  argminAll: ({ a }) => argmin(a),
  norm: ({ a }) => norm(a),
  norm1: ({ a }) => norm(a, { p: 1, axis: 1 }),
  norm3: ({ a }) => norm(a, { p: 3, axis: 0, keepdim: true }),
  normInf: ({ a }) => norm(a, { p: Infinity, axis: 1 }),
  normMinusInf: ({ a }) => norm(a, { p: -Infinity, axis: 0 }),
  norm0: ({ a }) => norm(a.detach(), { p: 0, axis: 1 }),
  normAxes: ({ c }) => norm(c, { p: 'fro', axis: [1, 2] }),
  dist: ({ a, b }) => dist(a, b),
  dist1: ({ a, b }) => dist(a, b, { p: 1 }),
  distInf: ({ a, v }) => dist(a, v, { p: Infinity }),
  equal: ({ n }) => equal(n, 5),
  notEqual: ({ n }) => notEqual(n, 5),
  lessThan: ({ a, b }) => lessThan(a, b),
  lessEqual: ({ a }) => lessEqual(a, a),
  greaterThan: ({ a, v }) => greaterThan(a, v),
  greaterEqual: ({ s, v }) => greaterEqual(s, v),
  equalAll: ({ a }) => equalAll(a, a),
  equalAllShapes: ({ a, v }) => equalAll(a, v),
  allclose: ({ a }) => allclose(a, add(a, 1e-7)),
  isclose: ({ a, b }) => isclose(a, b, { rtol: 0.5, atol: 0.1 }),
  logicalAnd: ({ a, b }) => logicalAnd(greaterThan(a, 0), greaterThan(b, 0)),
  logicalOr: ({ a, b }) => logicalOr(greaterThan(a, 0), greaterThan(b, 0)),
  logicalXor: ({ a, b }) => logicalXor(greaterThan(a, 0), greaterThan(b, 0)),
  logicalNot: ({ a }) => logicalNot(greaterThan(a, 0)),
  isnan: ({ a }) => isnan(log(a)),
  isinf: ({ a }) => isinf(divide(a, 0)),
  isfinite: ({ a }) => isfinite(log(a)),
  sort: ({ c }) => sort(c, { axis: 1 }),
  sortDescending: ({ a }) => sort(a, { descending: true }),
  argsort: ({ c }) => argsort(c, { axis: 0 }),
  topk: ({ a }) => topk(a, 2),
  topkSmallest: ({ c }) => topk(c, 2, { axis: 1, largest: false }),
  bmm: ({ c, d }) => bmm(c, d),
  mm: ({ a, q }) => mm(a, q),
  mv: ({ a, v }) => mv(a, v),
  dot: ({ v }) => dot(v, multiply(v, 2)),
  dotRows: ({ a, b }) => dot(a, b),
  outer: ({ u, v }) => outer(u, v),
  t: ({ a }) => t(a),
  cross: ({ a, b }) => cross(a, b),
  crossAxis: ({ c }) => cross(c, multiply(c, c), { axis: 1 }),
  addmm: ({ a, b, q }) => addmm(a, b, q, { beta: 0.5, alpha: 2 }),
  einsumProduct: ({ a, q }) => einsum('ij,jk->ik', a, q),
  einsumImplicit: ({ q, a }) => einsum('kj,ij', q, a),
  einsumBatch: ({ c, d }) => einsum('bij,bjk->bki', c, d),
  einsumSum: ({ c }) => einsum('bij->j', c),
  einsumOuter: ({ u, v }) => einsum('i,j->ji', u, v),
  einsumThree: ({ c, a, v }) => einsum('bij,ik,j->bk', c, a, v),
  einsumDots: ({ c, q }) => einsum('...ij,kj->...ki', c, q),
  einsumElementwise: ({ a, b }) => einsum('ij,ij->', a, b),
  einsumTranspose: ({ c }) => einsum('bij->jbi', c),
  sin: ({ a }) => sin(a),
  cos: ({ a }) => cos(a),
  tan: ({ a }) => tan(a),
  asin: ({ a }) => asin(multiply(a, 0.9)),
  acos: ({ a }) => acos(multiply(a, 0.9)),
  atan: ({ a }) => atan(a),
  sinh: ({ a }) => sinh(a),
  cosh: ({ a }) => cosh(a),
  tanh: ({ a }) => tanh(a),
  erf: ({ a }) => erf(a),
  expm1: ({ a }) => expm1(a),
  log1p: ({ p }) => log1p(p),
  log2: ({ p }) => log2(p),
  log10: ({ p }) => log10(p),
  rsqrt: ({ p }) => rsqrt(p),
  reciprocal: ({ p }) => reciprocal(p),
  neg: ({ a }) => neg(a),
  sign: ({ a }) => sign(a),
  floor: ({ a }) => floor(multiply(a, 3)),
  ceil: ({ a }) => ceil(multiply(a, 3)),
  round: ({ a }) => round(multiply(a, 3)),
  trunc: ({ a }) => trunc(multiply(a, 3)),
  roundHalves: ({ n }) => round(divide(cast(n, 'float32'), 2)),
  maximum: ({ a, b }) => maximum(a, b),
  maximumBroadcast: ({ s, v }) => maximum(s, v),
  minimum: ({ a, v }) => minimum(a, v),
  mod: ({ a, p }) => mod(a, p),
  modIntegers: ({ n }) => mod(n, 3),
  floorDivide: ({ n }) => floorDivide(n, 3),
  lerp: ({ a, b }) => lerp(a, b, 0.3),
  addIntegers: ({ n }) => add(n, 2),
};

function assertNumbers(actual: ArrayLike<number>, wanted: readonly number[], what: string): void {
  assert.equal(actual.length, wanted.length, what);
  wanted.forEach((value, i) => {
    const bound = 1e-5 * Math.max(Math.abs(value), 1);
    assert.ok(Math.abs(actual[i]! - value) <= bound, `${what}[${i}]: got ${actual[i]}, expected ${value}`);
  });
}

describe('tensor functions as in Paddle', () => {
  for (const [name, { results, gradients }] of Object.entries(expected)) {
    it(name, () => {
      const run = cases[name];
      assert.ok(run, `no function for the case ${name}`);
      const inputs = makeInputs();
      const made = [run(inputs)].flat();
      assert.equal(made.length, results.length, 'number of results');
      made.forEach((tensor, i) => {
        const { shape, dtype, values } = results[i]!;
        assert.deepEqual(tensor.shape, shape, 'shape');
        assert.equal(tensor.dtype, dtype, 'dtype');
        assertNumbers(tensor.dataSync(), values, `result ${i}`);
      });
      if (!gradients) return;
      const smooth = made.filter(({ dtype }) => dtype === 'float32');
      // Squares tell the elements apart.
      tf.addN(smooth.map((tensor) => tf.sum(tf.mul(tensor, tensor)))).backward();
      for (const [key, wanted] of Object.entries(gradients)) {
        const { grad } = inputs[key as keyof Inputs];
        assertNumbers(grad?.dataSync() ?? wanted.map(() => 0), wanted, `gradient of ${key}`);
      }
    });
  }

  it('covers every case', () => assert.deepEqual(Object.keys(cases).sort(), Object.keys(expected).sort()));

  /** Cases that make tensors by themselves. */
  const composed = new Set([
    'takeAlongAxis',
    'scatter',
    'scatterTwice',
    'maskedSelect',
    'nonzero',
    'where',
    'whereBroadcast',
    'all',
    'any',
    'norm0',
    'allclose',
    'logicalAnd',
    'logicalOr',
    'logicalXor',
    'logicalNot',
    'isnan',
    'isinf',
    'isfinite',
    'dot',
    'crossAxis',
    'asin',
    'acos',
    'floor',
    'ceil',
    'round',
    'trunc',
    'roundHalves',
  ]);

  it('leaves no tensors behind', () => {
    const inputs = makeInputs();
    for (const [name, run] of Object.entries(cases)) {
      if (composed.has(name)) continue;
      const before = tf.memory().numTensors;
      // Without a tape, which keeps what gradients need.
      const made = noGrad(() => run(inputs));
      const kept = [made].flat();
      assert.equal(tf.memory().numTensors, before + kept.length, name);
      tf.dispose(kept);
    }
  });
});

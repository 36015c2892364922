/**
 * Options, groups and saved states of optimizers against real Paddle: optimizer-variants.json, made by
 * optimizer_variants.py.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { assertClose } from '../support/oracle.js';
import type { NdArray } from '../../src/common/ndarray.js';
import { load, save } from '../../src/framework/index.js';
import { ClipGradByNorm, ClipGradByValue, Parameter, type ParameterOptions } from '../../src/nn/index.js';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  Lamb,
  LBFGS,
  Momentum,
  NAdam,
  RAdam,
  RMSProp,
  Rprop,
  SGD,
  type LBFGSOptions,
  type Optimizer,
} from '../../src/optimizer/index.js';
import { L1Decay } from '../../src/regularizer/index.js';

interface Variant {
  readonly first: number[][];
  readonly last: number[][];
  readonly state: Record<string, { readonly shape: number[]; readonly dtype: string; readonly values: number[] }>;
}

interface Minimisation {
  readonly losses: number[];
  readonly evaluations: number;
  readonly parameters: number[][];
}

const { steps, lbfgs } = JSON.parse(readFileSync(new URL('./optimizer-variants.json', import.meta.url), 'utf8')) as {
  steps: Record<string, Variant>;
  lbfgs: Record<string, Minimisation>;
};

const shapes = { a: [2, 3], b: [3] };
type Name = keyof typeof shapes;
type Pair = [Parameter, Parameter];
const learningRate = 0.1;

/** Numbers of a function of the place, other ones for the second parameter. */
function numbers(name: Name, value: (place: number) => number): Tensor {
  const shape = shapes[name];
  const shift = name === 'a' ? 0 : 10;
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => value(shift + i)),
    shape,
  );
}

function makeParameters(attributes: Partial<Record<Name, Omit<ParameterOptions, 'name'>>> = {}): Pair {
  const make = (name: Name) => new Parameter(numbers(name, Math.cos), { name, ...attributes[name] });
  return [make('a'), make('b')];
}

const cases: Record<string, (parameters: Pair) => Optimizer> = {
  Adagrad: (parameters) => new Adagrad({ learningRate, parameters }),
  Adagrad_initial_l2: (parameters) =>
    new Adagrad({ learningRate, parameters, initialAccumulatorValue: 0.3, weightDecay: 0.1 }),
  Adadelta: (parameters) => new Adadelta({ learningRate: 0.5, parameters }),
  Adadelta_rho_l1: (parameters) =>
    new Adadelta({ learningRate: 0.5, rho: 0.8, epsilon: 1e-3, parameters, weightDecay: new L1Decay(0.1) }),
  Adamax: (parameters) => new Adamax({ learningRate, parameters }),
  Adamax_l2: (parameters) =>
    new Adamax({ learningRate, beta1: 0.8, beta2: 0.9, epsilon: 1e-2, parameters, weightDecay: 0.1 }),
  AdamW: (parameters) => new AdamW({ learningRate, parameters }),
  AdamW_filter: (parameters) =>
    new AdamW({ learningRate, parameters, weightDecay: 0.5, applyDecayParamFun: (name) => name === 'a' }),
  AdamW_amsgrad: (parameters) => new AdamW({ learningRate, parameters, weightDecay: 0.5, amsgrad: true }),
  AdamW_groups: ([a, b]) =>
    new AdamW({
      learningRate,
      parameters: [
        { params: [a], weightDecay: 0.3, learningRate: 0.5 },
        { params: [b], beta1: 0.5 },
      ],
    }),
  Adam_groups: ([a, b]) =>
    new Adam({
      learningRate,
      parameters: [
        { params: [a], weightDecay: 0.3, learningRate: 0.5 },
        { params: [b], beta1: 0.5, beta2: 0.9 },
      ],
    }),
  Adam_named: (parameters) => new Adam({ learningRate, parameters, name: 'mine' }),
  RMSProp: (parameters) => new RMSProp({ learningRate, parameters }),
  RMSProp_centered: (parameters) =>
    new RMSProp({
      learningRate,
      rho: 0.9,
      epsilon: 1e-3,
      momentum: 0.5,
      centered: true,
      parameters,
      weightDecay: 0.1,
    }),
  Lamb: (parameters) => new Lamb({ learningRate, parameters }),
  Lamb_exclude: (parameters) =>
    new Lamb({
      learningRate,
      lambWeightDecay: 0.3,
      parameters,
      excludeFromWeightDecayFn: ({ name }) => name === 'b',
    }),
  Lamb_exclude_always: (parameters) =>
    new Lamb({
      learningRate,
      lambWeightDecay: 0.3,
      parameters,
      excludeFromWeightDecayFn: ({ name }) => name === 'b',
      alwaysAdapt: true,
    }),
  NAdam: (parameters) => new NAdam({ parameters }),
  NAdam_l2: (parameters) =>
    new NAdam({ learningRate, beta1: 0.8, beta2: 0.9, momentumDecay: 0.5, parameters, weightDecay: 0.1 }),
  RAdam: (parameters) => new RAdam({ learningRate, parameters }),
  RAdam_l2: (parameters) => new RAdam({ learningRate, beta1: 0.8, beta2: 0.9, parameters, weightDecay: 0.1 }),
  Rprop: (parameters) => new Rprop({ learningRate: 0.01, parameters }),
  Rprop_bounds: (parameters) =>
    new Rprop({ learningRate: 0.01, learningRateRange: [0.008, 0.011], etas: [0.3, 1.5], parameters }),
  ASGD: (parameters) => new ASGD({ learningRate, parameters }),
  ASGD_batches_l2: (parameters) => new ASGD({ learningRate, batchNum: 3, parameters, weightDecay: 0.1 }),
  SGD_groups: ([a, b]) =>
    new SGD({
      learningRate,
      parameters: [
        { params: [a], weightDecay: 0.3 },
        { params: [b], learningRate: 2 },
      ],
    }),
  SGD_attributes: (parameters) => new SGD({ learningRate, parameters, weightDecay: 0.1, gradClip }),
  Momentum_attributes: (parameters) => new Momentum({ learningRate, parameters, weightDecay: 0.1, gradClip }),
  AdamW_attributes: (parameters) => new AdamW({ learningRate, parameters, weightDecay: 0.1, gradClip }),
  Adamax_attributes: (parameters) => new Adamax({ learningRate, parameters, weightDecay: 0.1, gradClip }),
  Lamb_attributes: (parameters) => new Lamb({ learningRate, lambWeightDecay: 0.1, parameters, gradClip }),
  Rprop_attributes: (parameters) => new Rprop({ learningRate: 0.01, parameters, gradClip }),
  RMSProp_attributes: (parameters) => new RMSProp({ learningRate, parameters, weightDecay: 0.1, gradClip }),
};

const gradClip = new ClipGradByValue(0.3);
/** Those of the cases whose names say so. */
const attributes = {
  a: { learningRate: 0.5, regularizer: new L1Decay(0.2) },
  b: { needClip: false },
};

const STEPS = 8;

/** RAdam subtracts numbers near 2000, which Paddle does in single precision. */
const tolerances: Record<string, number> = { RAdam: 1e-4 };

function assertNumbers(actual: Tensor, expected: readonly number[], what: string, tolerance = 1e-5): void {
  const values = actual.dataSync();
  assert.equal(values.length, expected.length, what);
  // Elements near 0 are differences of larger ones.
  expected.forEach((wanted, i) => assertClose(values[i]!, wanted, tolerance, `${what}[${i}]`, 0.05));
}

describe('variants of optimizers as in Paddle', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-optimizers-'));
  after(() => rmSync(folder, { recursive: true }));

  for (const [name, expected] of Object.entries(steps)) {
    it(name, async () => {
      const parameters = makeParameters(name.endsWith('_attributes') ? attributes : {});
      const make = cases[name];
      assert.ok(make, `no optimizer for the case ${name}`);
      const optimizer = make(parameters);
      const compare = (wanted: number[][], step: number) =>
        parameters.forEach((parameter, i) => {
          assertNumbers(parameter, wanted[i]!, `${parameter.name} of step ${step}`, tolerances[name]);
        });
      for (let step = 0; step < STEPS; step++) {
        for (const parameter of parameters) {
          const gradient = numbers(parameter.name as Name, (i) => Math.sin(i + 1 + 0.7 * step));
          tf.sum(tf.mul(parameter, gradient)).backward();
        }
        optimizer.step();
        optimizer.clearGrad();
        if (step === 0) compare(expected.first, 1);
      }
      compare(expected.last, STEPS);

      const state = optimizer.stateDict() as Record<string, Tensor>;
      const withoutCount = (key: string) => key.replace(/\d+$/, '0');
      assert.deepEqual(Object.keys(state).map(withoutCount), Object.keys(expected.state));
      for (const [key, tensor] of Object.entries(state)) {
        const wanted = expected.state[withoutCount(key)]!;
        assert.deepEqual(tensor.shape, wanted.shape, key);
        assertNumbers(tensor, wanted.values, key, tolerances[name]);
      }
      const file = path.join(folder, `${name}.pdopt`);
      await save(state, file);
      for (const [key, { dtype }] of Object.entries(await load<Record<string, NdArray>>(file, { returnNumpy: true }))) {
        assert.equal(dtype, expected.state[withoutCount(key)]!.dtype, key);
      }
    });
  }

  it('covers every case', () => assert.deepEqual(Object.keys(cases).sort(), Object.keys(steps).sort()));
});

const minimisations: Record<string, LBFGSOptions> = {
  'fixed step': { learningRate: 0.05, maxIter: 4 },
  'strong Wolfe': { lineSearchFn: 'strong_wolfe', maxIter: 4 },
  'short history': { lineSearchFn: 'strong_wolfe', maxIter: 6, historySize: 2 },
  'penalty and clip': {
    lineSearchFn: 'strong_wolfe',
    maxIter: 4,
    weightDecay: 0.5,
    gradClip: new ClipGradByNorm(0.1),
  },
};

describe('LBFGS as in Paddle', () => {
  /** A function of the kind of Rosenbrock's. */
  function problem() {
    const parameters = makeParameters();
    const [p, q] = parameters;
    let evaluations = 0;
    const lossOf = (optimizer: LBFGS) => () => {
      evaluations++;
      optimizer.clearGrad();
      const far = tf.sum(tf.square(tf.sub(p, 1)));
      const loss: Tensor = tf.add(far, tf.mul(tf.sum(tf.square(tf.sub(q, tf.sum(tf.square(p), 0)))), 5));
      loss.backward();
      return loss;
    };
    return { parameters, lossOf, evaluations: () => evaluations };
  }

  for (const [name, options] of Object.entries(minimisations)) {
    it(name, () => {
      const expected = lbfgs[name]!;
      const { parameters, lossOf, evaluations } = problem();
      const optimizer = new LBFGS({ ...options, parameters });
      const losses = expected.losses.map(() => optimizer.step(lossOf(optimizer)).item());
      assert.equal(evaluations(), expected.evaluations);
      // Rounding grows on the way.
      losses.forEach((loss, i) => assertClose(loss, expected.losses[i]!, 1e-3, `loss ${i}`));
      parameters.forEach((parameter, i) => assertNumbers(parameter, expected.parameters[i]!, parameter.name, 1e-3));
    });

    it(`${name}: goes on bit for bit from a saved state`, () => {
      const whole = problem();
      const optimizer = new LBFGS({ ...options, parameters: whole.parameters });
      optimizer.step(whole.lossOf(optimizer));
      const saved = optimizer.stateDict();
      const values = whole.parameters.map((parameter) => parameter.clone());
      optimizer.step(whole.lossOf(optimizer));

      const resumed = problem();
      resumed.parameters.forEach((parameter, i) => parameter.setValue(values[i]!));
      const other = new LBFGS({ ...options, parameters: resumed.parameters });
      other.setStateDict(saved);
      other.step(resumed.lossOf(other));
      resumed.parameters.forEach((parameter, i) => {
        assert.deepEqual(parameter.numpy(), whole.parameters[i]!.numpy());
      });
    });
  }

  it('finds the minimum, and stays there', () => {
    const { parameters, lossOf } = problem();
    const optimizer = new LBFGS({ lineSearchFn: 'strong_wolfe', maxIter: 60, parameters });
    optimizer.step(lossOf(optimizer));
    optimizer.step(lossOf(optimizer));
    assert.ok(lossOf(optimizer)().item() < 1e-9);
    assertNumbers(parameters[0], [1, 1, 1, 1, 1, 1], 'a', 1e-3);
  });

  it('refuses wrong use', () => {
    const { parameters } = problem();
    assert.throws(() => new LBFGS({ parameters }).step(), /needs a function that evaluates the loss/);
    assert.throws(() => new LBFGS({ parameters }).minimize(), /no minimize/);
    assert.throws(() => new LBFGS({ lineSearchFn: 'armijo' as 'strong_wolfe' }), /lineSearchFn must be one of/);
    assert.throws(() => new LBFGS({ gradClip: 3 as never }), /gradClip must be ClipGradByValue/);
    assert.throws(() => new LBFGS({ maxIter: 0 }), /maxIter must be a positive integer/);
    assert.throws(() => new LBFGS().setStateDict({ state: { func_evals: 1 } }), /old_yk must be an array/);
  });
});

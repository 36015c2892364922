import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { grad, noGrad } from '../../../src/autograd/index.js';
import { activation, batchNormInference, batchNormTraining, engineBackend } from '../../../src/engine/index.js';
import { describeCompiledEngines } from '../../support/engines.js';
import { assertExact, assertNear, between, numbers, orders, samples, tensorOf } from '../../support/properties.js';
import { batchNorm } from '../../support/reference.js';

const epsilon = 1e-3;
const rectifiers = ['none', 'relu', 'relu6'] as const;
type Rectifier = (typeof rectifiers)[number];

/** At least six rows: with fewer the deviation can be close to the root of epsilon, and gradients large. */
const shapes = fc.oneof(
  fc.tuple(fc.array(between(1, 7), { minLength: 0, maxLength: 2 }), between(1, 40)).map(([o, c]) => [6, ...o, c]),
  fc.tuple(between(2000, 4000), between(1, 5)).map((shape) => [...shape]),
);

/** Who reads the normalised tensor beside the rectifier, and when; reading what lies between may change nothing. */
const readers = ['nobody', 'before', 'after', 'addition'] as const;

interface Sample {
  readonly shape: readonly number[];
  readonly rectifier: Rectifier;
  readonly training: boolean;
  readonly hasAddend: boolean;
  readonly reader: (typeof readers)[number];
  /** Whether the input is read, and so stored row-major, between the forward and the backward pass. */
  readonly movesInput: boolean;
  readonly lie: readonly number[];
}

const sampleOf = fc.record<Sample>({
  shape: shapes,
  rectifier: fc.constantFrom(...rectifiers),
  training: fc.boolean(),
  hasAddend: fc.boolean(),
  reader: fc.constantFrom(...readers),
  movesInput: fc.boolean(),
  lie: orders,
});

const rectify = (x: Tensor, rectifier: Rectifier) => (rectifier === 'none' ? x : activation(rectifier, x));

function rectified(value: number, rectifier: Rectifier): number {
  return rectifier === 'none' ? value : Math.min(Math.max(value, 0), rectifier === 'relu6' ? 6 : Infinity);
}

/** True when a gradient flows through an element of the result; the reference would judge those at a kink differently. */
function passes(result: number, rectifier: Rectifier): boolean {
  return rectifier === 'none' || (result > 0 && (rectifier === 'relu' || result < 6));
}

function check({ shape, rectifier, training, hasAddend, reader, movesInput, lie }: Sample): void {
  const channels = shape.at(-1)!;
  const values = {
    x: numbers('x', shape, -2, 3),
    scale: numbers('scale', [channels], 0.5, 4),
    shift: numbers('shift', [channels], -1, 3),
    dy: numbers('dy', shape),
  };
  const addend = numbers('addend', shape, -2, 2);
  const normal = batchNorm(channels, epsilon, values);
  const x = tensorOf(values.x, shape, lie[0]);
  const [scale, shift] = [tf.tensor1d(values.scale), tf.tensor1d(values.shift)];
  const other = tensorOf(addend, shape, lie[1]);
  const parameters = [x, scale, shift, other];
  for (const tensor of parameters) tensor.stopGradient = false;

  const moments = [normal.mean, normal.variance].map((moment) => tf.tensor1d(Float32Array.from(moment)));
  const y = training
    ? batchNormTraining(x, scale, shift, { epsilon })[0]
    : batchNormInference(x, moments[0]!, moments[1]!, scale, shift, { epsilon });
  if (reader === 'before') y.dataSync();
  const sum = hasAddend ? tf.add(lie[2]! % 2 === 0 ? y : other, lie[2]! % 2 === 0 ? other : y) : y;
  if (reader === 'addition') sum.dataSync();
  const z = rectify(sum, rectifier);
  const expected = normal.y.map((value, place) => rectified(value + (hasAddend ? addend[place]! : 0), rectifier));
  assertNear(z, shape, expected, 'result', 2e-5);
  if (reader === 'after') assertNear(y, shape, normal.y, 'normalised', 2e-5);
  if (movesInput) engineBackend()?.pointerOf(x);

  const result = z.dataSync();
  const masked = values.dy.map((dy, place) => (passes(result[place]!, rectifier) ? dy : 0));
  const wanted = batchNorm(channels, epsilon, { ...values, dy: masked });
  const [dx, dscale, dshift, dother] = grad(z, parameters, {
    gradOutputs: tensorOf(values.dy, shape, lie[3]),
    allowUnused: true,
  });
  assertNear(dscale!, [channels], wanted.dscale, 'gradient of the scale', 5e-5);
  assertNear(dshift!, [channels], wanted.dshift, 'gradient of the shift', 5e-5);
  if (training) assertNear(dx!, shape, wanted.dx, 'input gradient', 5e-5);
  if (hasAddend) assertExact(dother!, shape, masked, 'gradient of the addend');
  assertExact(x, shape, values.x, 'input afterwards');
  assertExact(other, shape, addend, 'addend afterwards');
}

describeCompiledEngines('normalisation with a sum and a rectifier behind it', () => {
  it('gives what the three give one after the other', () => {
    fc.assert(
      fc.property(sampleOf, (sample) => tf.tidy(() => check(sample))),
      samples(60),
    );
  });

  it('calls no kernel of their own for the rectifier, the sum and the gradient of the rectifier', () => {
    const backend = engineBackend()!;
    const calls: string[] = [];
    const counting = new Proxy(backend.kernels, {
      get(target, name) {
        calls.push(String(name));
        return Reflect.get(target, name) as unknown;
      },
    });
    Object.defineProperty(backend, 'kernels', { value: counting, configurable: true });
    try {
      tf.tidy(() => {
        const x = tf.ones([2, 3, 3, 5]);
        x.stopGradient = false;
        const [scale, shift] = [tf.ones<tf.Rank.R1>([5]), tf.zeros<tf.Rank.R1>([5])];
        const plain = activation('relu', batchNormTraining(x, scale, shift, { epsilon })[0]);
        grad(plain, x);
        const [y] = batchNormTraining(x, scale, shift, { epsilon });
        activation('relu6', tf.add(y, plain));
      });
    } finally {
      Reflect.deleteProperty(backend, 'kernels');
    }
    assert.ok(calls.includes('normalize'));
    const own = ['activation', 'activation_gradient', 'binary'].filter((name) => calls.includes(name));
    assert.deepEqual(own, []);
  });

  it('keeps what it has yet to compute when its inputs change or go', () => {
    tf.tidy(() => {
      const x = tf.variable(tf.tensor2d([1, 2, 3, 6], [4, 1]));
      const shift = tf.variable(tf.tensor1d([1]));
      const addend = tf.variable(tf.tensor2d([10, 20, 30, 40], [4, 1]));
      const moments = [tf.tensor1d([3]), tf.tensor1d([4])] as const;
      const y = batchNormInference(x, ...moments, tf.tensor1d([2]), shift, { epsilon: 0 });
      const sum = tf.add(y, addend);
      for (const variable of [x, addend]) variable.assign(tf.zeros([4, 1]));
      shift.assign(tf.zeros([1]));
      for (const tensor of [x, shift, addend, ...moments]) tensor.dispose();
      assertExact(activation('relu', y), [4, 1], [0, 0, 1, 4], 'rectified');
      assertExact(y, [4, 1], [-1, 0, 1, 4], 'normalised');
      assertExact(sum, [4, 1], [9, 20, 31, 44], 'sum');
    });
  });

  it('gives all memory back, of what was read and of what never was', () => {
    const backend = engineBackend()!;
    const round = () => {
      tf.tidy(() => {
        const x = tf.ones([4, 8, 8, 16]);
        x.stopGradient = false;
        const [scale, shift] = [tf.ones<tf.Rank.R1>([16]), tf.zeros<tf.Rank.R1>([16])];
        const [y] = batchNormTraining(x, scale, shift, { epsilon });
        const z = activation('relu', tf.add(y, x));
        const w = activation('relu', batchNormTraining(z, scale, shift, { epsilon })[0]);
        grad(w, x)[0]!.dataSync();
        noGrad(() => batchNormInference(x, shift, scale, scale, shift, { epsilon }));
      });
    };
    round();
    const live = backend.pool.liveBytes;
    round();
    assert.equal(backend.pool.liveBytes, live);
  });
});

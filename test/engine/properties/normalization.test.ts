import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { batchNormInference, batchNormTraining } from '../../../src/engine/index.js';
import { describeEngines } from '../../support/engines.js';
import {
  assertNear,
  between,
  numbers,
  orders,
  samples,
  tensorOf,
  throughChannelsFirst,
} from '../../support/properties.js';
import { batchNorm } from '../../support/reference.js';

const epsilons = fc.constantFrom(1e-5, 1e-3, 0.1);
/** At least six rows: with fewer the deviation can be close to the root of epsilon, and gradients large. */
const shapes = fc
  .tuple(fc.array(between(1, 7), { minLength: 0, maxLength: 3 }), between(1, 40))
  .map(([outer, channels]) => [6, ...outer, channels]);
const largerShapes = fc.oneof(
  fc.tuple(between(2000, 9000), between(1, 5)).map((shape) => [...shape]),
  fc.tuple(between(6, 12), between(500, 1100)).map((shape) => [...shape]),
  fc.tuple(between(2, 9), between(12, 33), between(12, 33), between(17, 70)).map((shape) => [...shape]),
);

function check(shape: readonly number[], epsilon: number, lie: readonly number[], channelsFirst: boolean): void {
  tf.tidy(() => {
    const channels = shape.at(-1)!;
    const values = {
      x: numbers('x', shape, -2, 3),
      scale: numbers('scale', [channels], 0.5, 2),
      shift: numbers('shift', [channels]),
      dy: numbers('dy', shape),
    };
    const expected = batchNorm(channels, epsilon, values);
    const run = (x: Tensor, scale: Tensor, shift: Tensor) =>
      batchNormTraining(x, scale as Tensor1D, shift as Tensor1D, { epsilon });
    const inputs = [
      tensorOf(values.x, shape, lie[0]),
      tensorOf(values.scale, [channels]),
      tensorOf(values.shift, [channels]),
    ] as const;
    const [y, mean, variance] = run(...inputs);
    assertNear(y, shape, expected.y, 'result', 2e-5);
    assertNear(mean, [channels], expected.mean, 'mean', 1e-5);
    assertNear(variance, [channels], expected.variance, 'variance', 2e-5);
    const normalise = (x: Tensor, scale: Tensor, shift: Tensor): Tensor => {
      if (!channelsFirst) return run(x, scale, shift)[0];
      const attributes = { epsilon, channelsFirst };
      return throughChannelsFirst((one) => batchNormTraining(one, scale as Tensor1D, shift as Tensor1D, attributes)[0])(
        x,
      );
    };
    assertNear(normalise(...inputs), shape, expected.y, 'result', 2e-5);
    const [dx, dscale, dshift] = tf.grads(normalise)([...inputs], tensorOf(values.dy, shape, lie[1]));
    assertNear(dx!, shape, expected.dx, 'input gradient', 5e-5);
    assertNear(dscale!, [channels], expected.dscale, 'gradient of the scale', 5e-5);
    assertNear(dshift!, [channels], expected.dshift, 'gradient of the shift', 5e-5);
  });
}

describeEngines('batch normalisation', () => {
  it('has the moments, the result and the gradients of its definition', () => {
    fc.assert(fc.property(shapes, epsilons, orders, fc.boolean(), check), samples(40));
    fc.assert(fc.property(largerShapes, epsilons, orders, fc.boolean(), check), samples(4));
  });

  it('keeps NaN and infinities to their channel', () => {
    const cases = fc.tuple(shapes, fc.constantFrom(NaN, Infinity, -Infinity), fc.nat());
    fc.assert(
      fc.property(cases, ([shape, special, draw]) => {
        tf.tidy(() => {
          const channels = shape.at(-1)!;
          const x = numbers('x', shape);
          const place = draw % x.length;
          x[place] = special;
          const vectors = [numbers('scale', [channels], 0.5, 2), numbers('shift', [channels])].map(
            (values) => tensorOf(values, [channels]) as Tensor1D,
          ) as [Tensor1D, Tensor1D];
          const image = tensorOf(x, shape);
          const results = [
            batchNormTraining(image, ...vectors, { epsilon: 1e-5 })[0],
            tf.grad((one: Tensor) => batchNormTraining(one, ...vectors, { epsilon: 1e-5 })[0])(
              image,
              tensorOf(numbers('dy', shape), shape),
            ),
          ];
          for (const result of results) {
            result.dataSync().forEach((value, index) => {
              const spoilt = index % channels === place % channels;
              assert.equal(Number.isNaN(value), spoilt, `element ${index} of [${shape.join()}] is ${value}`);
            });
          }
        });
      }),
      samples(30),
    );
  });

  it('in inference scales each channel by the given moments', () => {
    fc.assert(
      fc.property(fc.oneof(shapes, fc.constant([0, 3, 5])), epsilons, (shape, epsilon) => {
        tf.tidy(() => {
          const channels = shape.at(-1)!;
          const x = numbers('x', shape);
          const [mean, variance] = [numbers('mean', [channels]), numbers('variance', [channels], 0.5, 2)];
          const [scale, shift] = [numbers('scale', [channels]), numbers('shift', [channels])];
          const expected = Array.from(x, (value, place) => {
            const c = place % channels;
            return ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * scale[c]! + shift[c]!;
          });
          const [m, v, s, b] = [mean, variance, scale, shift].map(
            (values) => tensorOf(values, [channels]) as Tensor1D,
          ) as [Tensor1D, Tensor1D, Tensor1D, Tensor1D];
          const run = (channelsFirst: boolean) => (image: Tensor) =>
            batchNormInference(image, m, v, s, b, { epsilon, channelsFirst });
          assertNear(run(false)(tensorOf(x, shape)), shape, expected, 'result', 2e-6);
          assertNear(throughChannelsFirst(run(true))(tensorOf(x, shape)), shape, expected, 'channels first', 2e-6);
          const dy = tensorOf(numbers('dy', shape), shape);
          const [first, last] = [throughChannelsFirst(run(true)), run(false)].map((fn) =>
            tf.grad(fn)(tensorOf(x, shape), dy),
          );
          assertNear(first!, shape, [...last!.dataSync()], 'gradient with channels first', 2e-6);
        });
      }),
      samples(30),
    );
  });
});

import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../../../src/engine/index.js';
import { describeEngines } from '../../support/engines.js';
import { assertNear, between, numbers, orders, samples, tensorOf } from '../../support/properties.js';
import { crossEntropy } from '../../support/reference.js';
import { uniform } from '../../support/oracle.js';

interface Case {
  readonly rows: number;
  readonly classes: number;
  readonly range: number;
  readonly ignored: number;
  /** Share of the rows that are ignored. */
  readonly share: number;
}

const cases = (rows: fc.Arbitrary<number>, classes: fc.Arbitrary<number>): fc.Arbitrary<Case> =>
  fc.record({
    rows,
    classes,
    range: fc.constantFrom(1, 10, 1000),
    ignored: fc.constantFrom(-1, -100, 0),
    share: fc.constantFrom(0, 0.3, 1),
  });

function labelsOf({ rows, classes, ignored, share }: Case): Int32Array {
  const draws = uniform('ignored', rows, 'properties');
  return Int32Array.from(uniform('label', rows, 'properties'), (u, row) =>
    draws[row]! < share ? ignored : Math.floor(u * classes),
  );
}

function check(sample: Case, logits: Float32Array, lie: readonly number[] = []): void {
  tf.tidy(() => {
    const { rows, classes, ignored } = sample;
    const labels = labelsOf(sample);
    const dy = numbers('dy', [rows]);
    const expected = crossEntropy(classes, ignored, logits, labels, dy);
    const run = (x: Tensor) => softmaxCrossEntropy(x as Tensor2D, tf.tensor1d(labels, 'int32'), ignored);
    const x = tensorOf(logits, [rows, classes], lie[0]);
    assertNear(run(x), [rows], expected.losses, 'losses', 3e-6);
    assertNear(tf.softmax(x), [rows, classes], expected.probabilities, 'softmax', 2e-6);
    const gradient = tf.grad(run)(x, tensorOf(dy, [rows]));
    assertNear(gradient, [rows, classes], expected.dlogits, 'gradient', 3e-6);
  });
}

const ordinary = (sample: Case) => numbers('logits', [sample.rows, sample.classes], -sample.range, sample.range);

describeEngines('softmax cross entropy', () => {
  it('has the losses and gradients of its definition', () => {
    fc.assert(
      fc.property(cases(between(1, 20), between(1, 40)), orders, (sample, lie) => check(sample, ordinary(sample), lie)),
      samples(50),
    );
    const larger = fc.oneof(cases(between(1, 5), between(900, 2100)), cases(between(300, 900), between(1, 20)));
    fc.assert(
      fc.property(larger, (sample) => check(sample, ordinary(sample))),
      samples(4),
    );
  });

  it('leaves ignored rows alone, whatever they hold', () => {
    fc.assert(
      fc.property(
        cases(between(1, 20), between(1, 40)),
        fc.constantFrom(NaN, Infinity),
        fc.nat(),
        (sample, special, draw) => {
          const logits = ordinary(sample);
          logits[draw % logits.length] = special;
          check({ ...sample, share: 0.7 }, logits);
        },
      ),
      samples(30),
    );
  });

  it('gives classes with logit -Infinity no probability', () => {
    fc.assert(
      fc.property(cases(between(1, 20), between(2, 40)), (sample) => {
        const logits = ordinary(sample);
        const labels = labelsOf(sample);
        const draws = uniform('masked', logits.length, 'properties');
        // Never a whole row: there softmax is 0 / 0.
        const masked = logits.map((value, place) =>
          draws[place]! < 0.3 && place % sample.classes > 0 ? -Infinity : value,
        );
        check(sample, masked);
        // The label's own class stays possible.
        labels.forEach((label, row) => {
          const place = row * sample.classes + label;
          if (label >= 0) masked[place] = logits[place]!;
        });
        check(sample, masked);
      }),
      samples(30),
    );
  });

  it('keeps NaN and Infinity to their row', () => {
    const specials = fc.constantFrom(NaN, Infinity);
    fc.assert(
      fc.property(cases(between(1, 20), between(1, 40)), specials, fc.nat(), (sample, special, draw) => {
        const logits = ordinary(sample);
        logits[draw % logits.length] = special;
        // A label that is ignored by chance has a test of its own.
        check({ ...sample, share: 0, ignored: -100 }, logits);
      }),
      samples(30),
    );
  });
});

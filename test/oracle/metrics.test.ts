/** Precision, Recall and Auc against real Paddle: metrics.json, made by metrics.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import '../support/setup.js';
import { Auc, Precision, Recall, type Metric } from '../../src/metric/index.js';

const expected = JSON.parse(readFileSync(new URL('./metrics.json', import.meta.url), 'utf8')) as Record<
  string,
  number[] | string
>;

const metrics: Record<string, () => Metric> = {
  Precision: () => new Precision(),
  Recall: () => new Recall(),
  Auc: () => new Auc(),
  Auc_10: () => new Auc({ numThresholds: 10 }),
  Auc_PR: () => new Auc({ curve: 'PR', numThresholds: 50 }),
};

/** Probabilities of yes, some exactly a half, and labels. */
function batch(number: number, count: number) {
  const indices = Array.from({ length: count }, (_, i) => i);
  return {
    yes: indices.map((i) => ((7 * i + 3 * number) % 20) / 20),
    labels: indices.map((i) => ((i * i + number) % 3) % 2),
  };
}

describe('metrics as in Paddle', () => {
  for (const [name, make] of Object.entries(metrics)) {
    it(name, () => {
      const metric = make();
      assert.equal(metric.name(), expected[`${name} name`]);
      const update = (number: number) => {
        const { yes, labels } = batch(number, 20 + number);
        const predictions = name.startsWith('Auc')
          ? { data: Float32Array.from(yes.flatMap((p) => [1 - p, p])), shape: [yes.length, 2] }
          : { data: Float32Array.from(yes), shape: [yes.length, 1] };
        metric.update(predictions, { data: labels, shape: [labels.length, 1] });
        return metric.accumulate() as number;
      };
      const values = [metric.accumulate() as number, update(0), update(1), update(2)];
      values.forEach((value, i) => {
        const wanted = expected[name]?.[i] as number;
        assert.ok(Math.abs(value - wanted) < 1e-12, `after ${i} batches: got ${value}, expected ${wanted}`);
      });
      const resumed = make();
      resumed.setStateDict?.(metric.stateDict!());
      assert.equal(resumed.accumulate(), values[3]);
      metric.reset();
      assert.equal(metric.accumulate(), 0);
      assert.equal(metric.higherIsBetter, true);
    });
  }

  it('refuses what does not fit', () => {
    const two = { data: [0, 1], shape: [2] };
    const three = { data: [0, 1, 1], shape: [3] };
    assert.throws(() => new Precision().update(two, three), /one number for each sample/);
    assert.throws(() => new Recall().update(two, three), /one number for each sample/);
    assert.throws(() => new Auc().update(two, two), /predictions \[2, 2\] for 2 labels, got \[2\]/);
    assert.throws(
      () => new Auc().update({ data: [0, 1.5], shape: [1, 2] }, { data: [1], shape: [1] }),
      /between 0 and 1/,
    );
    assert.throws(() => new Auc().setStateDict({ positives: [1], negatives: [1] }), /positives must hold 4096 numbers/);
    assert.throws(() => new Recall().setStateDict({}), /state.truePositives must be a non-negative integer/);
    assert.throws(() => new Auc({ curve: 'roc' as 'ROC' }), /curve must be one of 'ROC', 'PR'/);
    assert.throws(() => new Auc({ numThresholds: 0 }), /numThresholds must be a positive integer/);
  });
});

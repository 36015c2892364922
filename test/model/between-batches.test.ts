/**
 * What else runs while `fit` does.
 */
import assert from 'node:assert/strict';
import { seed } from '../../src/common/random.js';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { Momentum } from '../../src/optimizer/index.js';
import { LeNet } from '../../src/vision/models/index.js';
import { describeEngines } from '../support/engines.js';
import { Samples } from '../support/samples.js';

const digits = new Samples('digits', 64);
const numIters = 8;
const options = { verbose: 0, shuffle: true, batchSize: 8, numIters } as const;

function lenet(learningRate = 0.01): Model {
  return new Model(new LeNet()).prepare(new Momentum({ learningRate }), new CrossEntropyLoss());
}

describeEngines('during Model.fit', (engine) => {
  // Plain JavaScript takes seconds for a step, and the loop is the same.
  if (engine === 'js') return;

  it('timers run', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 0);
    const counts: number[] = [];
    const model = lenet();
    model.on('trainBatchEnd', () => counts.push(ticks));
    await model.fit(digits, null, options);
    clearInterval(timer);
    assert.equal(counts.length, numIters);
    // A step takes longer than a timer, but timers may be late.
    assert.ok(new Set(counts).size >= numIters / 2, counts.join(' '));
  });

  it('signals are handled', async function () {
    if (process.platform === 'win32') return this.skip();
    let step = -1;
    const handled: number[] = [];
    const listener = () => handled.push(step);
    process.on('SIGUSR2', listener);
    try {
      const model = lenet();
      model.on('trainBatchBegin', (begun) => {
        step = begun;
        if (begun === 1) process.kill(process.pid, 'SIGUSR2');
      });
      await model.fit(digits, null, options);
    } finally {
      process.off('SIGUSR2', listener);
    }
    assert.equal(handled.length, 1);
    assert.ok(handled[0]! >= 1 && handled[0]! < numIters - 1, `handled in step ${handled[0]}`);
  });

  it('another fit runs, and both give the numbers of one after the other', async () => {
    const twoRuns = () => {
      seed(3);
      return [0.01, 0.05].map((learningRate) => {
        const model = lenet(learningRate);
        const losses: number[] = [];
        model.on('trainBatchEnd', (_step, logs) => losses.push(logs.loss![0]!));
        const start = () => model.fit(digits, null, options);
        return { start, losses };
      });
    };
    const order: number[] = [];
    const apart = twoRuns();
    for (const { start } of apart) await start();
    const together = twoRuns();
    await Promise.all(
      together.map(async ({ start, losses }, run) => {
        const { push } = losses;
        losses.push = (...values) => (order.push(run), push.apply(losses, values));
        await start();
      }),
    );
    assert.deepEqual(
      together.map(({ losses }) => [...losses]),
      apart.map(({ losses }) => losses),
    );
    assert.equal(apart[0]!.losses.length, numIters);
    // They took turns.
    assert.notDeepEqual(order, order.toSorted());
  });
});

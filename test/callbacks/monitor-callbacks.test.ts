import '../support/setup.js';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EarlyStopping, ReduceLROnPlateau } from '../../src/callbacks/index.js';
import { Metric } from '../../src/metric/index.js';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { StepDecay } from '../../src/optimizer/lr/index.js';
import { classifier, Points, quiet, trainableModel } from '../model/support.js';
import { captureConsole } from '../support/console.js';
import { captureWarnings } from '../support/warnings.js';

const data = new Points(6);

/** A metric that rises by 1 with each pass. */
class Rising extends Metric {
  #passes = 0;
  constructor(
    readonly label: string,
    readonly higherIsBetter: boolean,
  ) {
    super();
  }
  override update(): undefined {
    return undefined;
  }
  override accumulate(): number {
    return this.#passes;
  }
  override reset(): void {
    this.#passes++;
  }
  override name(): string {
    return this.label;
  }
}

const withMetric = (metric: Metric, learningRate: number | StepDecay = 0.1) =>
  new Model(classifier()).prepare(new SGD({ learningRate }), new CrossEntropyLoss(), metric);

/** Epochs that run with an early stop. */
async function epochsWith(model: Model, callbacks: EarlyStopping, epochs = 6): Promise<number> {
  return (await model.fit(data, data, { ...quiet, epochs, callbacks })).epochs.length;
}

describe('EarlyStopping', () => {
  it('stops at the first evaluation by default, as in Paddle', async () => {
    assert.equal(await epochsWith(trainableModel(), new EarlyStopping({ verbose: 0 })), 1);
  });

  it('asks the metric what is better', async () => {
    const stop = (mode?: 'min' | 'max') =>
      new EarlyStopping({ monitor: 'score', patience: 2, verbose: 0, ...(mode && { mode }) });
    assert.equal(await epochsWith(withMetric(new Rising('score', true)), stop()), 6);
    assert.equal(await epochsWith(withMetric(new Rising('score', false)), stop()), 3);
    assert.equal(await epochsWith(withMetric(new Rising('score', false)), stop('max')), 6);
    assert.equal(await epochsWith(withMetric(new Rising('score', true)), stop('min')), 3);
  });

  it('saves the best model, and says where', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
    try {
      const model = withMetric(new Rising('err', false));
      let best: unknown;
      model.on('evalEnd', () => void (best ??= model.parameters()[0]!.numpy()));
      const callbacks = new EarlyStopping({ monitor: 'err', patience: 2 });
      const printed = await captureConsole(() =>
        model.fit(data, data, { ...quiet, epochs: 6, saveDir: folder, callbacks }),
      );
      const file = path.join(folder, 'best_model');
      assert.equal(printed, `Epoch 3: Early stopping.\nBest checkpoint has been saved at ${file}\n`);
      const restored = new Model(classifier());
      await restored.load(file);
      assert.deepEqual(restored.parameters()[0]!.numpy(), best);

      rmSync(folder, { recursive: true });
      const without = new EarlyStopping({ monitor: 'err', patience: 1, saveBestModel: false, verbose: 0 });
      await model.fit(data, data, { ...quiet, epochs: 2, saveDir: folder, callbacks: without });
      assert.ok(!readdirSync(folder).some((name) => name.startsWith('best_model')));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('warns once of a value that is not there', async () => {
    const callbacks = new EarlyStopping({ monitor: 'acc_top1', verbose: 0 });
    const warnings = await captureWarnings(() => epochsWith(trainableModel(), callbacks, 3));
    assert.deepEqual(warnings, ["EarlyStopping monitors 'acc_top1', but evaluations give loss, acc"]);
  });

  it('warns when there is nothing to evaluate on', async () => {
    const callbacks = [new EarlyStopping(), new ReduceLROnPlateau()];
    const warnings = await captureWarnings(() => trainableModel().fit(data, null, { ...quiet, callbacks }));
    assert.deepEqual(warnings, [
      'EarlyStopping needs validation data; it does nothing',
      'ReduceLROnPlateau needs validation data; it does nothing',
    ]);
  });

  it('serves a loop of its own through evaluate', async () => {
    const model = withMetric(new Rising('err', false));
    const callbacks = new EarlyStopping({ monitor: 'err', patience: 1, verbose: 0 });
    await model.evaluate(data, { verbose: 0, callbacks });
    assert.equal(model.stopTraining, false);
    await model.evaluate(data, { verbose: 0, callbacks });
    assert.equal(model.stopTraining, true);
  });

  it('refuses wrong options and states', () => {
    const refuses = (options: object, message: RegExp, code = 'INVALID_ARGUMENT') =>
      assert.throws(() => new EarlyStopping(options), { code, message });
    refuses({ mode: 'best' }, /mode must be one of 'auto', 'min', 'max', got "best"/);
    refuses({ patience: -1 }, /patience must be a non-negative integer, got -1/);
    refuses({ monitor: '' }, /monitor must be 'loss' or the name of a metric, got ""/);
    refuses({ baseline: NaN }, /baseline must be a finite number, got NaN/);
    refuses({ saveBestModel: 1 }, /saveBestModel must be true or false, got 1/);
    refuses({ min_delta: 1 }, /no option 'min_delta'; did you mean 'minDelta'\?/, 'UNKNOWN_OPTION');
    assert.throws(() => new EarlyStopping().setStateDict({ best: null }), {
      code: 'INVALID_ARGUMENT',
      message: /wait must be a non-negative integer, got undefined/,
    });
  });
});

describe('ReduceLROnPlateau', () => {
  it('lowers the rate within fit', async () => {
    const model = withMetric(new Rising('err', false), 1);
    const callbacks = new ReduceLROnPlateau({ monitor: 'err', patience: 2, factor: 0.5 });
    const printed = await captureConsole(() => model.fit(data, data, { ...quiet, epochs: 5, callbacks }));
    assert.equal(
      printed,
      '\nEpoch 3: ReduceLROnPlateau reducing learning rate to 0.5.\n' +
        '\nEpoch 5: ReduceLROnPlateau reducing learning rate to 0.25.\n',
    );
    assert.equal(model.optimizer!.getLr(), 0.25);
  });

  it('leaves a schedule alone, with a warning', async () => {
    const model = withMetric(new Rising('err', false), new StepDecay(0.1, 100));
    const callbacks = new ReduceLROnPlateau({ monitor: 'err', patience: 0 });
    const warnings = await captureWarnings(() => model.fit(data, data, { ...quiet, epochs: 3, callbacks }));
    assert.deepEqual(warnings, ['ReduceLROnPlateau needs a plain learning rate, got the schedule StepDecay']);
    assert.equal(model.optimizer!.getLr(), 0.1);
  });

  it('refuses wrong options', () => {
    const refuses = (options: object, message: RegExp) =>
      assert.throws(() => new ReduceLROnPlateau(options), { code: 'INVALID_ARGUMENT', message });
    refuses({ factor: 1 }, /factor must be below 1, got 1/);
    refuses({ factor: -0.1 }, /factor must be a number of at least 0, got -0.1/);
    refuses({ cooldown: 0.5 }, /cooldown must be a non-negative integer, got 0.5/);
    refuses({ minLr: '0' }, /minLr must be a number of at least 0, got "0"/);
  });
});

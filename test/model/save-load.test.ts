import '../support/setup.js';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss, Linear } from '../../src/nn/index.js';
import { Momentum, SGD } from '../../src/optimizer/index.js';
import { StepDecay } from '../../src/optimizer/lr/index.js';
import { oracleFolder, salt } from '../support/oracle.js';
import { captureWarnings } from '../support/warnings.js';
import { LeNet } from '../../src/vision/models/index.js';
import { classifier, pointBatch } from './support.js';

const momentumModel = (network = new Linear(2, 3)) =>
  new Model(network).prepare(
    new Momentum({ learningRate: new StepDecay(0.1, 2), momentum: 0.9 }),
    new CrossEntropyLoss(),
  );

const weightsOf = (model: Model) => model.parameters().map((parameter) => Array.from(parameter.numpy()));

describe('Model.save and Model.load', () => {
  const [points, classes] = pointBatch(4);
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
    file = path.join(folder, 'nested', 'model.v1');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const names = () => readdirSync(path.dirname(file)).sort();

  it('restore the network and the optimizer, so that training goes on as if never interrupted', async () => {
    const model = momentumModel(classifier());
    const step = (one: typeof model) => {
      const [loss] = one.trainBatch(points, classes);
      one.optimizer?.scheduler?.step();
      return loss;
    };
    for (let i = 0; i < 3; i++) step(model);
    await model.save(file);
    assert.deepEqual(names(), ['model.v1.pdopt', 'model.v1.pdparams']);

    for (const given of [file, `${file}.pdparams`, `${file}.pdopt`]) {
      const restored = momentumModel();
      await restored.load(given);
      assert.deepEqual(weightsOf(restored), weightsOf(model));
      assert.equal(restored.optimizer?.getLr(), model.optimizer?.getLr());
    }
    const restored = momentumModel();
    await restored.load(file);
    for (let i = 0; i < 3; i++) assert.equal(step(restored), step(model));
    assert.deepEqual(weightsOf(restored), weightsOf(model));
  });

  it('leave the optimizer out of it with training: false, and when it has no state', async () => {
    const model = momentumModel(classifier());
    model.trainBatch(points, classes);
    await model.save(file, { training: false });
    assert.deepEqual(names(), ['model.v1.pdparams']);
    const plain = new Model(classifier()).prepare(new SGD(), new CrossEntropyLoss());
    plain.trainBatch(points, classes);
    await plain.save(file);
    assert.deepEqual(names(), ['model.v1.pdparams']);
    await plain.load(file);
  });

  it('leave the optimizer alone with resetOptimizer', async () => {
    const model = momentumModel(classifier());
    for (let i = 0; i < 3; i++) {
      model.trainBatch(points, classes);
      model.optimizer?.scheduler?.step();
    }
    await model.save(file);
    const restored = momentumModel();
    await restored.load(file, { resetOptimizer: true });
    assert.deepEqual(weightsOf(restored), weightsOf(model));
    assert.deepEqual(restored.optimizer?.getLr(), 0.1);
  });

  it('fail on a shape that does not fit, naming the key and both shapes, and change nothing', async () => {
    await new Model(new Linear(2, 5)).save(file);
    const model = new Model(classifier());
    const before = weightsOf(model);
    await assert.rejects(model.load(file), {
      code: 'SHAPE_MISMATCH',
      message: /'weight' has shape \[2, 3\] in the network, but \[2, 5\] in .*model\.v1\.pdparams; pass skipMismatch/,
    });
    assert.deepEqual(weightsOf(model), before);
  });

  it('fail on a missing key, naming it', async () => {
    await new Model(new Linear(2, 3, { biasAttr: false })).save(file);
    await assert.rejects(new Model(classifier()).load(file), {
      code: 'INVALID_ARGUMENT',
      message: /model\.v1\.pdparams has no 'bias'/,
    });
  });

  it('skip, with a warning, what does not fit, and then leave the optimizer alone', async () => {
    const other = momentumModel(new Linear(2, 3, { biasAttr: false }));
    for (let i = 0; i < 3; i++) {
      other.trainBatch(points, classes);
      other.optimizer?.scheduler?.step();
    }
    await other.save(file);
    const model = momentumModel(classifier());
    const [, bias] = weightsOf(model);
    const warnings = await captureWarnings(() => model.load(file, { skipMismatch: true }));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /bias/);
    assert.deepEqual(weightsOf(model), [...weightsOf(other), bias]);
    assert.equal(model.optimizer?.getLr(), 0.1);
  });

  it('ignore what the network does not have', async () => {
    const model = new Model(classifier());
    await model.save(file);
    const smaller = new Model(new Linear(2, 3, { biasAttr: false }));
    await smaller.load(file);
    assert.deepEqual(weightsOf(smaller), weightsOf(model).slice(0, 1));
  });

  it('fail when there is no file, or one of something else', async () => {
    const model = new Model(classifier());
    await assert.rejects(model.load(file), {
      code: 'FILE_NOT_FOUND',
      path: `${file}.pdparams`,
      message: /there is no file .*model\.v1\.pdparams/,
    });
    const broken = path.join(folder, 'broken');
    writeFileSync(`${broken}.pdparams`, 'nonsense');
    await assert.rejects(model.load(broken), { code: 'FILE_FORMAT' });
    for (const wrong of ['', 3 as never]) {
      await assert.rejects(model.save(wrong), { code: 'INVALID_ARGUMENT', message: /path must name a file/ });
      await assert.rejects(model.load(wrong), { code: 'INVALID_ARGUMENT', message: /path must name a file/ });
    }
    await assert.rejects(model.save(file, { trainig: true } as object), { code: 'UNKNOWN_OPTION' });
    await assert.rejects(model.load(file, { skipMissmatch: true } as object), { code: 'UNKNOWN_OPTION' });
  });

  it("read Paddle's files", async function () {
    const fixture = path.join(oracleFolder, `files-${salt}`, 'lenet-momentum');
    if (!existsSync(`${fixture}.pdparams`)) this.skip();
    const model = new Model(new LeNet()).prepare(
      new Momentum({ learningRate: new StepDecay(0.01, 2), momentum: 0.9 }),
      new CrossEntropyLoss(),
    );
    await model.load(fixture);
    assert.equal(Object.keys(model.optimizer?.stateDict() ?? {}).length, model.parameters().length + 1);
  });
});

import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { captureWarnings } from '../support/warnings.js';
import {
  autoCast,
  decorate,
  getAutocastCpuDtype,
  getAutocastDtype,
  getAutocastGpuDtype,
  GradScaler,
  isAutocastEnabled,
  isBfloat16Supported,
  isFloat16Supported,
} from '../../src/amp/index.js';
import { Linear } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';

describe('amp', () => {
  it('trains in float32, and says so once', async () => {
    const network = new Linear(2, 1);
    const before = network.weight.numpy();
    const optimizer = new SGD({ learningRate: 1, parameters: network.parameters() });
    const warnings = await captureWarnings(() => {
      const scaler = new GradScaler({ initLossScaling: 1024 });
      for (let step = 0; step < 2; step++) {
        const loss = autoCast(() => tf.sum(network.forward(tf.tensor2d([[1, 2]]))), { level: 'O2' });
        assert.equal(loss.dtype, 'float32');
        const scaled = scaler.scale(loss);
        assert.equal(scaled, loss);
        scaled.backward();
        scaler.unscale(optimizer);
        if (step === 0) scaler.step(optimizer);
        else scaler.minimize(optimizer, scaled);
        scaler.update();
        optimizer.clearGrad();
      }
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /everything is computed in float32/);
    const after = network.weight.numpy();
    [2, 4].forEach((moved, i) => assert.ok(Math.abs(before[i]! - after[i]! - moved) < 1e-5));
  });

  it('is enabled within autoCast alone, also when it fails', () => {
    assert.equal(isAutocastEnabled(), false);
    autoCast(() => {
      assert.equal(isAutocastEnabled(), true);
      autoCast(() => assert.equal(isAutocastEnabled(), false), { enable: false });
      assert.equal(isAutocastEnabled(), true);
    });
    const broken = () => {
      throw new Error('broken');
    };
    assert.throws(() => autoCast(broken), /broken/);
    assert.equal(isAutocastEnabled(), false);
  });

  it('hands models and optimizers through', () => {
    const network = new Linear(2, 1);
    const optimizer = new SGD({ parameters: network.parameters() });
    assert.equal(decorate(network, { level: 'O2' }), network);
    const [sameNetwork, sameOptimizer] = decorate(network, { optimizers: optimizer });
    assert.equal(sameNetwork, network);
    assert.equal(sameOptimizer, optimizer);
  });

  it('tells that there is no half precision', () => {
    assert.deepEqual([isFloat16Supported(), isBfloat16Supported()], [false, false]);
    for (const dtype of [getAutocastDtype(), getAutocastCpuDtype(), getAutocastGpuDtype()]) {
      assert.equal(dtype, 'float32');
    }
    const scaler = new GradScaler({ initLossScaling: 1024 });
    assert.deepEqual([scaler.isEnable(), scaler.isUseDynamicLossScaling()], [false, false]);
    assert.equal(scaler.getInitLossScaling(), 1024);
    assert.deepEqual(scaler.stateDict(), {});
    scaler.loadStateDict({ scale: 1 });
  });

  it('refuses unknown levels, types and options', () => {
    assert.throws(() => autoCast(() => 1, { level: 'O3' as 'O1' }), /level must be one of/);
    assert.throws(() => autoCast(() => 1, { dtype: 'float8' as 'float16' }), /dtype must be one of/);
    assert.throws(() => autoCast({} as () => void), /fn must be a function/);
    assert.throws(() => decorate(1, { levle: 'O1' } as object), /did you mean 'level'/);
    assert.throws(() => new GradScaler({ incrEveryNSteps: 0 }), /incrEveryNSteps must be a positive integer/);
  });
});

import assert from 'node:assert/strict';
import '../support/setup.js';
import { assertClose, assertDigest, describeOracle, fill, image, labels, type Digest } from '../support/oracle.js';
import { ClipGradByGlobalNorm, ClipGradByNorm, ClipGradByValue, CrossEntropyLoss } from '../../src/nn/index.js';
import type { Parameter } from '../../src/nn/index.js';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  Lamb,
  Momentum,
  NAdam,
  RAdam,
  RMSProp,
  Rprop,
  SGD,
  type Optimizer,
} from '../../src/optimizer/index.js';
import { L1Decay, L2Decay } from '../../src/regularizer/index.js';
import { LeNet } from '../../src/vision/models/index.js';

interface OptimizerCase {
  readonly losses: number[];
  readonly noise: number;
  readonly fc2Bias: Digest;
  readonly conv0: Digest;
}

const optimizers: Record<string, (parameters: Parameter[]) => Optimizer> = {
  SGD: (parameters) => new SGD({ learningRate: 0.05, parameters }),
  SGD_l2: (parameters) => new SGD({ learningRate: 0.05, parameters, weightDecay: new L2Decay(1e-2) }),
  SGD_l1: (parameters) => new SGD({ learningRate: 0.05, parameters, weightDecay: new L1Decay(1e-3) }),
  Momentum: (parameters) => new Momentum({ learningRate: 0.01, momentum: 0.9, parameters }),
  Momentum_nesterov_l2: (parameters) =>
    new Momentum({ learningRate: 0.01, parameters, useNesterov: true, weightDecay: new L2Decay(1e-4) }),
  Momentum_clipGlobal: (parameters) =>
    new Momentum({ learningRate: 0.05, parameters, gradClip: new ClipGradByGlobalNorm(0.5) }),
  Momentum_clipNorm: (parameters) =>
    new Momentum({ learningRate: 0.05, parameters, gradClip: new ClipGradByNorm(0.1) }),
  Momentum_clipValue: (parameters) =>
    new Momentum({ learningRate: 0.05, parameters, gradClip: new ClipGradByValue(0.01) }),
  Adam: (parameters) => new Adam({ learningRate: 0.002, parameters }),
  Adam_l2: (parameters) => new Adam({ learningRate: 0.002, parameters, weightDecay: 1e-2 }),
  AdamW: (parameters) => new AdamW({ learningRate: 0.002, parameters, weightDecay: 0.05 }),
  Adamax: (parameters) => new Adamax({ learningRate: 0.002, parameters }),
  Adagrad: (parameters) => new Adagrad({ learningRate: 0.01, parameters }),
  Adadelta: (parameters) => new Adadelta({ learningRate: 0.5, parameters }),
  RMSProp: (parameters) => new RMSProp({ learningRate: 0.001, parameters }),
  RMSProp_centered_momentum: (parameters) =>
    new RMSProp({ learningRate: 0.001, parameters, momentum: 0.9, centered: true }),
  Lamb: (parameters) => new Lamb({ learningRate: 0.002, parameters }),
  NAdam: (parameters) => new NAdam({ learningRate: 0.002, parameters }),
  RAdam: (parameters) => new RAdam({ learningRate: 0.002, parameters }),
  Rprop: (parameters) => new Rprop({ learningRate: 0.001, parameters }),
  ASGD: (parameters) => new ASGD({ learningRate: 0.01, batchNum: 2, parameters }),
};

describeOracle<OptimizerCase>('optimizers', (name, expected) => {
  const network = new LeNet();
  fill(network);
  const make = optimizers[name];
  assert.ok(make, `no optimizer for the case ${name}`);
  const optimizer = make(network.parameters());
  const loss = new CrossEntropyLoss();
  const tolerance = Math.max(1e-4, 10 * expected.noise);
  expected.losses.forEach((wanted, step) => {
    const value = loss.forward(
      network.forward(image(`input${step % 4}`, [8, 1, 28, 28])),
      labels(`label${step % 4}`, 8, 10),
    );
    assertClose(value.item(), wanted, tolerance, `loss of step ${step}`);
    value.backward();
    optimizer.step();
    optimizer.clearGrad();
  });
  const state = network.stateDict();
  assertDigest(state['fc.2.bias']!, expected.fc2Bias, 10 * tolerance, 'fc.2.bias');
  assertDigest(state['features.0.weight']!, expected.conv0, 10 * tolerance, 'features.0.weight');
});

import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { grad, noGrad } from '../../src/autograd/index.js';
import { GradientError, InvalidArgumentError } from '../../src/common/errors.js';
import { seed } from '../../src/common/random.js';
import { toStatic } from '../../src/jit/index.js';
import { BatchNorm1D, functional as F, Layer, Linear } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { engineBackend } from '../../src/engine/index.js';
import { rand } from '../../src/tensor/index.js';
import { fill } from '../support/oracle.js';
import { captureWarnings } from '../support/warnings.js';
import { describeCompiledEngines, describeEngines } from '../support/engines.js';
import { settle } from '../support/memory.js';
import { batch, stateOf } from './support.js';

/** A network of a user, which counts how often its code runs. */
class Network extends Layer {
  first = new Linear(6, 8);
  norm = new BatchNorm1D(8);
  second = new Linear(8, 3);
  /** Something public that `forward` depends on. */
  slope = 0.1;
  calls = 0;

  override forward(x: Tensor): Tensor {
    this.#count();
    const scaled = tf.mul(tf.add(this.first.forward(x), [1, 2, 3, 4, 5, 6, 7, 8]), 0.5);
    const y = F.leakyRelu(this.norm.forward(scaled), { negativeSlope: this.slope });
    return this.second.forward(F.dropout(y, { p: 0.25, training: this.training }));
  }

  readonly #counter = { count: 0 };
  #count(): void {
    this.#counter.count++;
  }
  get computed(): number {
    return this.#counter.count;
  }
}

const shape = [5, 6];

/** A training loop as people write it. */
function train<N extends Layer>(
  network: N,
  steps: number,
  between: (step: number, network: N) => void = () => undefined,
) {
  seed(3);
  fill(network);
  const optimizer = new SGD({ learningRate: 0.1, parameters: network.parameters() });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const [x, labels] = batch(step, shape, 3);
    const loss = F.crossEntropy(network.forward(x), labels);
    losses.push(loss.item());
    loss.backward();
    optimizer.step();
    optimizer.clearGrad();
    between(step, network);
    tf.dispose([x, labels]);
  }
  return { losses, state: stateOf(network) };
}

describeEngines('jit.toStatic', () => {
  it('trains as without, bit by bit, with dropout and running statistics', () => {
    assert.deepEqual(train(toStatic(new Network()), 8), train(new Network(), 8));
  });

  it('returns the network, whose forward still runs in evaluation and without gradients', () => {
    const network = new Network();
    assert.equal(toStatic(network), network);
    const check = (_step: number, { ...parts }: Network, made = network) => {
      assert.ok(parts);
      const [x] = batch(50, shape);
      made.eval();
      const [a, b] = [made.forward(x), noGrad(() => made.forward(x))].map((y) => Array.from(y.dataSync()));
      assert.deepEqual(a, b);
      made.train();
    };
    train(network, 6, check);
  });
});

describeCompiledEngines('jit.toStatic, recorded', () => {
  it('runs the code of forward in the first calls only', () => {
    const network = toStatic(new Network());
    train(network, 8);
    assert.equal(network.computed, 3);
  });

  it('records anew when a public property changes', () => {
    const change = (step: number, network: Network) => {
      if (step === 4) network.slope = 0.5;
    };
    const network = toStatic(new Network());
    assert.deepEqual(train(network, 10, change), train(new Network(), 10, change));
    assert.equal(network.computed, 6);
  });

  it('keeps gradients that are not cleared', () => {
    const run = (network: Network) => {
      fill(network);
      seed(3);
      const gradients: number[][] = [];
      const kept: Tensor[] = [];
      for (let step = 0; step < 7; step++) {
        const [x, labels] = batch(step, shape, 3);
        F.crossEntropy(network.forward(x), labels).backward();
        gradients.push(Array.from(network.first.weight.grad!.dataSync()));
        if (step === 4) kept.push(tf.keep(network.first.weight.grad!.clone()));
        if (step >= 3) network.clearGradients();
      }
      return [gradients, Array.from(kept[0]!.dataSync())];
    };
    assert.deepEqual(run(toStatic(new Network())), run(new Network()));
  });

  it('computes two batches whose losses are added before backward', () => {
    const run = (network: Network) => {
      fill(network);
      seed(3);
      const gradients: number[][] = [];
      for (let step = 0; step < 6; step++) {
        const [a, labels] = batch(2 * step, shape, 3);
        const [b] = batch(2 * step + 1, shape, 3);
        const losses = [a, b].map((x) => F.crossEntropy(network.forward(x), labels));
        tf.add(losses[0]!, losses[1]!).backward();
        gradients.push(Array.from(network.first.weight.grad!.dataSync()));
        network.clearGradients();
      }
      return gradients;
    };
    assert.deepEqual(run(toStatic(new Network())), run(new Network()));
  });

  it('refuses gradients of gradients, and a second walk', () => {
    const network = toStatic(new Network());
    train(network, 4);
    const [x] = batch(9, shape);
    const loss = () => tf.sum(network.forward(x));
    const again = loss();
    again.backward({ retainGraph: true });
    assert.throws(() => again.backward(), GradientError);
    network.clearGradients();
    tf.tidy(() => {
      const fresh = toStatic(new Network());
      train(fresh, 4);
      const output = tf.sum(fresh.forward(x));
      assert.throws(() => grad(output, fresh.second.weight, { createGraph: true }), /no gradients of gradients/);
    });
  });

  const unrecordable: [what: string, compute: (x: Tensor, network: Plain) => unknown][] = [
    ['looks at elements', (x, { linear }) => linear.forward(tf.mul(x, x.dataSync()[0]! > 2 ? 2 : 1))],
    ['uses a tensor of elsewhere', (x, { linear }) => linear.forward(tf.add(x, elsewhere))],
    ['gives two tensors', (x, { linear }) => [linear.forward(x), linear.forward(x)]],
    ['gives back what it got', (x) => x],
    ['draws numbers for something else', (x, { linear }) => linear.forward(tf.add(x, rand([5, 6])))],
  ];
  let elsewhere: Tensor;
  class Plain extends Layer<[Tensor], unknown> {
    linear = new Linear(6, 3);
    calls = 0;
    readonly #compute: (x: Tensor, network: Plain) => unknown;
    constructor(compute: (x: Tensor, network: Plain) => unknown) {
      super();
      this.#compute = compute;
    }
    override forward(x: Tensor): unknown {
      return this.#compute(x, this);
    }
  }
  for (const [what, compute] of unrecordable) {
    it(`computes a network by itself that ${what}, and says so once`, async () => {
      elsewhere = tf.ones([6]);
      const run = (network: Plain) => {
        fill(network);
        seed(3);
        return Array.from({ length: 6 }, (_, step) => {
          const [x] = batch(step, shape);
          const output = [network.forward(x)].flat()[0] as Tensor;
          if (!output.stopGradient) tf.sum(output).backward();
          const gradient = network.linear.weight.grad?.dataSync();
          network.clearGradients();
          return [Array.from(output.dataSync()), Array.from(gradient ?? [])];
        });
      };
      const warnings = await captureWarnings(() => {
        assert.deepEqual(run(toStatic(new Plain(compute))), run(new Plain(compute)));
      });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, /^toStatic: Plain cannot be recorded and is computed as before: it [a-z ]+$/);
    });
  }

  it('frees the memory of a network that nobody has any more', async () => {
    const { pool } = engineBackend()!;
    const use = () => void train(toStatic(new Network()), 6);
    use();
    await settle();
    const { liveBytes } = pool;
    use();
    await settle();
    await settle();
    assert.ok(pool.liveBytes <= liveBytes, `${pool.liveBytes} bytes after ${liveBytes}`);
  });

  it('keeps memory bounded in a loop by hand', async () => {
    const network = toStatic(new Network());
    train(network, 6);
    await settle();
    const { numTensors } = tf.memory();
    train(network, 40);
    await settle();
    assert.ok(tf.memory().numTensors <= numTensors + 2, `${tf.memory().numTensors} after ${numTensors}`);
  });
});

describe('jit.toStatic, wrong use', () => {
  it('refuses what is no layer', () => {
    assert.throws(() => toStatic((() => 1) as unknown as Layer), InvalidArgumentError);
  });
});

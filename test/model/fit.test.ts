import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { Callback } from '../../src/callbacks/index.js';
import { seed } from '../../src/common/random.js';
import { DataLoader, Dataset } from '../../src/io/index.js';
import { Accuracy } from '../../src/metric/index.js';
import { InputSpec, Model, type Logs } from '../../src/model/index.js';
import { CrossEntropyLoss, Dropout, Layer, Linear } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { StepDecay } from '../../src/optimizer/lr/index.js';
import { Tracer } from '../support/tracer.js';
import { classifier, pointBatch, Points, quiet, trainableModel } from './support.js';
import { settle } from '../support/memory.js';

/** The losses of all steps of a `fit`. */
function lossesOf(model: Model): number[] {
  const losses: number[] = [];
  model.on('trainBatchEnd', (_step, logs) => losses.push(logs.loss![0]!));
  return losses;
}

describe('Model.fit', () => {
  it('resolves to a record of every epoch', async () => {
    const model = trainableModel();
    const ends: Logs[] = [];
    const losses = lossesOf(model);
    model.on('epochEnd', (_epoch, logs) => ends.push(logs));
    const { epochs } = await model.fit(new Points(10), new Points(6), {
      ...quiet,
      epochs: 3,
      batchSize: 4,
      evalFreq: 2,
    });
    assert.deepEqual(
      epochs.map(({ epoch }) => epoch),
      [0, 1, 2],
    );
    epochs.forEach((record, epoch) => {
      const [a, b, c] = losses.slice(3 * epoch, 3 * epoch + 3) as [number, number, number];
      assert.ok(Math.abs(record.loss - (4 * a + 4 * b + 2 * c) / 10) < 1e-12);
      assert.deepEqual(record.metrics, { acc: ends[epoch]!.acc });
      assert.equal(record.learningRate, 0.1);
      assert.ok(record.seconds > 0);
      assert.ok(Math.abs(record.samplesPerSecond * record.seconds - 10) < 1e-9);
      assert.equal(record.val !== undefined, epoch % 2 === 0);
    });
    const evaluated = await model.evaluate(new Points(6), { batchSize: 6, verbose: 0 });
    assert.ok(Math.abs(epochs[2]!.val!.loss! - evaluated.loss![0]!) < 1e-6);
    assert.deepEqual(epochs[2]!.val!.metrics, { acc: evaluated.acc });
    assert.deepEqual(JSON.parse(JSON.stringify(epochs)), epochs);
  });

  it('steps the optimizer after accumulateGradBatches batches and after the last one', async () => {
    const network = classifier();
    const model = new Model(network).prepare(new SGD({ learningRate: 0.1 }), new CrossEntropyLoss());
    const steps: boolean[] = [];
    let before = network.weight.numpy().join();
    model.on('trainBatchEnd', () => {
      const after = network.weight.numpy().join();
      steps.push(after !== before);
      before = after;
    });
    await model.fit(new Points(10), null, { ...quiet, batchSize: 2, accumulateGradBatches: 2 });
    assert.deepEqual(steps, [false, true, false, true, true]);
    assert.ok(network.weight.grad!.numpy().every((value) => value === 0));
    steps.length = 0;
    await model.fit(new Points(10), null, { ...quiet, batchSize: 2, accumulateGradBatches: 2, numIters: 3 });
    assert.deepEqual(steps, [false, true, true]);
  });

  it('ends after the epoch in which stopTraining is set, and starts anew in the next call', async () => {
    const model = trainableModel();
    model.once('trainBatchEnd', () => {
      model.stopTraining = true;
    });
    const options = { ...quiet, epochs: 3, batchSize: 4 };
    const stopped = await model.fit(new Points(8), null, options);
    assert.equal(stopped.epochs.length, 1);
    assert.equal((await model.fit(new Points(8), null, options)).epochs.length, 3);
  });

  it('shuffles by the seed alone', async () => {
    const run = async (value: number) => {
      seed(value);
      const model = trainableModel();
      const losses = lossesOf(model);
      await model.fit(new Points(12), null, { verbose: 0, epochs: 2, batchSize: 4 });
      return losses;
    };
    const first = await run(1);
    assert.deepEqual(await run(1), first);
    assert.notDeepEqual(await run(2), first);
  });

  it('gives two runs at a time the numbers of one after the other', async () => {
    class Dropping extends Layer {
      first = classifier();
      dropout = new Dropout(0.5);
      second = new Linear(3, 3);
      override forward(x: tf.Tensor): tf.Tensor {
        return this.second.forward(this.dropout.forward(this.first.forward(x)));
      }
    }
    const twoModels = () => {
      seed(7);
      return [0.1, 0.5].map((learningRate) => {
        const model = new Model(new Dropping()).prepare(new SGD({ learningRate }), new CrossEntropyLoss());
        return { model, losses: lossesOf(model) };
      });
    };
    const start = ({ model }: { model: Model }) =>
      model.fit(new Points(12), new Points(4), { verbose: 0, epochs: 3, batchSize: 4 });

    const one = twoModels();
    for (const run of one) await start(run);
    const both = twoModels();
    // Listeners that wait make the two runs take turns.
    for (const { model } of both) model.on('trainBatchEnd', () => new Promise((resolve) => setImmediate(resolve)));
    await Promise.all(both.map(start));
    assert.equal(one[0]!.losses.length, 9);
    assert.deepEqual(
      both.map(({ losses }) => losses),
      one.map(({ losses }) => losses),
    );
  });

  it('keeps no tensor of a batch', async () => {
    const model = new Model(classifier()).prepare(
      new SGD({ learningRate: new StepDecay(0.1, 5) }),
      new CrossEntropyLoss(),
      new Accuracy(),
    );
    await settle();
    const counts: number[] = [];
    model.on('trainBatchBegin', () => counts.push(tf.memory().numTensors));
    await model.fit(new Points(600), new Points(4), { ...quiet, epochs: 2, batchSize: 2 });
    assert.equal(counts.length, 600);
    assert.equal(counts[300], counts[3]);
    assert.equal(counts[599], counts[3]);
  });

  it('lets timers run between batches', async () => {
    const [points, classes] = pointBatch(4);
    const batches = Array.from({ length: 400 }, () => [points, classes]);
    const model = trainableModel();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const start = performance.now();
    await model.fit(batches, null, { ...quiet, epochs: 4 });
    clearInterval(timer);
    assert.ok(ticks >= Math.floor((performance.now() - start) / 100), `${ticks} ticks`);
    assert.ok(ticks > 0);
  });

  it('takes batches of any nesting, and leaves tensors that the user made alone', async () => {
    const [points, classes] = pointBatch(4);
    const inputs: string[] = [];
    const model = new Model(classifier()).prepare(new SGD(), (scores: tf.Tensor, labels: tf.Tensor) => {
      inputs.push([scores, labels].map(({ shape }) => shape.join()).join(' '));
      return new CrossEntropyLoss().forward(scores, labels);
    });
    async function* generator() {
      await Promise.resolve();
      yield [points, classes];
    }
    const batches = [[points, classes], [[points], [classes]], { b: classes, a: points }];
    await model.fit(batches, null, quiet);
    await model.fit({ [Symbol.asyncIterator]: generator }, null, quiet);
    assert.deepEqual(inputs, Array(4).fill('4,3 4,1'));
    assert.ok(!points.isDisposed && !classes.isDisposed);
  });

  it('frees the batches of a loader that the user made', async () => {
    const loader = new DataLoader(new Points(40), { batchSize: 2 });
    const model = trainableModel();
    await settle();
    const counts: number[] = [];
    model.on('trainBatchBegin', () => counts.push(tf.memory().numTensors));
    await model.fit(loader, null, quiet);
    assert.equal(counts.length, 20);
    assert.equal(counts[19], counts[3]);
  });

  it('takes data without a length', async () => {
    const [points, classes] = pointBatch(4);
    const tracer = new Tracer();
    const data = {
      *[Symbol.iterator]() {
        yield [points, classes];
        yield [points, classes];
      },
    };
    const model = trainableModel();
    await model.fit(data, data, { ...quiet, callbacks: tracer });
    assert.equal(tracer.params.steps, undefined);
    assert.deepEqual(tracer.events.find(([name]) => name === 'evalBegin')?.[2], {
      steps: undefined,
      metrics: ['loss', 'acc'],
    });
    assert.equal(tracer.events.filter(([name]) => name === 'trainBatchEnd').length, 2);
  });

  it('prepares data sets', async () => {
    const prepared: string[] = [];
    class Lazy extends Points {
      constructor(readonly name: string) {
        super(0);
      }
      #count = 0;
      override get length(): number {
        return this.#count;
      }
      override prepare(): Promise<void> {
        prepared.push(this.name);
        this.#count = 4;
        return Promise.resolve();
      }
    }
    const { epochs } = await trainableModel().fit(new Lazy('train'), new Lazy('val'), { ...quiet, batchSize: 2 });
    assert.equal(epochs.length, 1);
    assert.ok(prepared.includes('train') && prepared.includes('val'));
  });

  it('splits a batch by the number of inputs described, not by what forward takes', async () => {
    class Any extends Layer<tf.Tensor[]> {
      linear = classifier();
      override forward(...inputs: tf.Tensor[]): tf.Tensor {
        return this.linear.forward(inputs[0]!);
      }
    }
    const image = new InputSpec([null, 2], { name: 'image' });
    const model = new Model(new Any(), image).prepare(new SGD(), new CrossEntropyLoss());
    assert.equal((await model.fit(new Points(4), null, quiet)).epochs.length, 1);
    const unknown = new Model(new Any()).prepare(new SGD(), new CrossEntropyLoss());
    await assert.rejects(unknown.fit(new Points(4), null, quiet), {
      code: 'INVALID_ARGUMENT',
      message: /forward of Any names no parameters; pass inputs to Model/,
    });
  });

  it('tells callbacks what the run is about', async () => {
    const tracer = new Tracer();
    const options = { ...quiet, epochs: 2, batchSize: [4, 2] as const, saveDir: null, callbacks: [tracer] };
    const model = trainableModel();
    await model.fit(new Points(10), new Points(6), options);
    assert.deepEqual(tracer.params, { epochs: 2, steps: 3, verbose: 0, metrics: ['loss', 'acc'], saveDir: null });
    assert.equal(tracer.model, model);
    const evalSteps = tracer.events.filter(([name]) => name === 'evalBatchEnd').map(([, step]) => step);
    assert.deepEqual(evalSteps, [0, 1, 2, 0, 1, 2]);
  });
});

describe('Model.fit, when something fails', () => {
  class Closing extends Callback {
    closed = 0;
    override close(): void {
      this.closed++;
    }
  }

  const failures: Record<string, (model: Model) => Callback | undefined> = {
    'a listener rejects': (model) => {
      model.on('trainBatchEnd', async (step) => {
        await Promise.resolve();
        if (step === 1) throw new Error('failure');
      });
      return undefined;
    },
    'a listener throws': (model) => {
      model.on('epochBegin', () => {
        throw new Error('failure');
      });
      return undefined;
    },
    'a hook rejects': () =>
      new (class extends Callback {
        override async onTrainBatchBegin(): Promise<void> {
          await Promise.resolve();
          throw new Error('failure');
        }
      })(),
    'a hook throws': () =>
      new (class extends Callback {
        override onEvalEnd(): void {
          throw new Error('failure');
        }
      })(),
  };

  for (const [name, arrange] of Object.entries(failures)) {
    it(`rejects and cleans up when ${name}`, async () => {
      const model = trainableModel();
      const closing = new Closing();
      const failing = arrange(model);
      let isClosed = false;
      const [points, classes] = pointBatch(4);
      const data = {
        length: 3,
        async *[Symbol.asyncIterator]() {
          try {
            for (let i = 0; i < 3; i++) {
              await Promise.resolve();
              yield [points, classes];
            }
          } finally {
            isClosed = true;
          }
        },
      };
      const callbacks = [closing, ...(failing ? [failing] : [])];
      await assert.rejects(model.fit(data, data, { ...quiet, callbacks }), { message: 'failure' });
      assert.equal(closing.closed, 1);
      assert.ok(isClosed || name === 'a listener throws');

      model.removeAllListeners();
      const { epochs } = await model.fit(data, null, quiet);
      assert.equal(epochs.length, 1);
    });
  }

  it('frees the batch at hand and forgets what metrics counted', async () => {
    const metric = new Accuracy();
    const model = new Model(classifier()).prepare(new SGD(), new CrossEntropyLoss(), metric);
    await model.fit(new Points(4), null, { ...quiet, batchSize: 2 });
    await settle();
    const before = tf.memory().numTensors;
    model.once('trainBatchEnd', () => Promise.reject(new Error('failure')));
    await assert.rejects(model.fit(new Points(8), null, { ...quiet, batchSize: 2 }), { message: 'failure' });
    assert.equal(metric.accumulate(), 0);
    // What the loader had fetched ahead is freed as soon as it is there.
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(tf.memory().numTensors, before);
  });

  it('reports the first error when a callback cannot be closed, either', async () => {
    class Broken extends Callback {
      override onEpochEnd(): void {
        throw new Error('first');
      }
      override close(): void {
        throw new Error('second');
      }
    }
    const closing = new Closing();
    const callbacks = [new Broken(), closing];
    await assert.rejects(trainableModel().fit(new Points(4), null, { ...quiet, callbacks }), { message: 'first' });
    assert.equal(closing.closed, 1);
    class Unclosable extends Callback {
      override close(): Promise<void> {
        return Promise.reject(new Error('second'));
      }
    }
    const unclosable = [new Unclosable(), closing];
    await assert.rejects(trainableModel().fit(new Points(4), null, { ...quiet, callbacks: unclosable }), {
      message: 'second',
    });
    assert.equal(closing.closed, 2);
  });

  it('rejects with the error of a data set', async () => {
    class Broken extends Dataset<number[]> {
      readonly length = 4;
      getItem(): number[] {
        throw new Error('no such sample');
      }
    }
    await assert.rejects(trainableModel().fit(new Broken(), null, quiet), /no such sample/);
  });
});

describe('Model.fit, wrong use', () => {
  const data = new Points(4);
  const cases: Record<string, [() => Promise<unknown>, { code: string; message: RegExp }]> = {
    'no optimizer and no loss': [
      () => new Model(classifier()).fit(data),
      { code: 'NOT_PREPARED', message: /fit needs an optimizer and a loss; call model\.prepare/ },
    ],
    'no loss': [
      () => new Model(classifier()).prepare(new SGD()).fit(data),
      { code: 'NOT_PREPARED', message: /fit needs a loss; call/ },
    ],
    'no optimizer': [
      () => new Model(classifier()).prepare(null, new CrossEntropyLoss()).fit(data),
      { code: 'NOT_PREPARED', message: /fit needs an optimizer; call/ },
    ],
    'no training data': [
      () => trainableModel().fit(),
      { code: 'INVALID_ARGUMENT', message: /fit needs trainData, got undefined/ },
    ],
    'training data without a batch': [
      () => trainableModel().fit(data, null, { batchSize: 8, dropLast: true }),
      {
        code: 'INVALID_ARGUMENT',
        message: /trainData gives no batch; with dropLast it needs at least batchSize \(8\)/,
      },
    ],
    'training data of a wrong type': [
      () => trainableModel().fit(3 as unknown as Points),
      {
        code: 'INVALID_ARGUMENT',
        message: /trainData must be a Dataset, a DataLoader or an iterable of batches, got 3/,
      },
    ],
    'options in place of the validation data': [
      () => trainableModel().fit(data, { epochs: 2 } as unknown as Points),
      { code: 'INVALID_ARGUMENT', message: /valData must be a Dataset.*got an object with keys \["epochs"\]/ },
    ],
    'batchSize 0': [
      () => trainableModel().fit(data, null, { batchSize: 0 }),
      { code: 'INVALID_ARGUMENT', message: /batchSize must be a positive integer, got 0/ },
    ],
    'a fractional batchSize': [
      () => trainableModel().fit(data, null, { batchSize: 1.5 }),
      { code: 'INVALID_ARGUMENT', message: /batchSize must be a positive integer, got 1\.5/ },
    ],
    'three batch sizes': [
      () => trainableModel().fit(data, null, { batchSize: [1, 2, 3] as unknown as [number, number] }),
      { code: 'INVALID_ARGUMENT', message: /batchSize must be a positive integer or two of them.*got \[1, 2, 3\]/ },
    ],
    'epochs 0': [
      () => trainableModel().fit(data, null, { epochs: 0 }),
      { code: 'INVALID_ARGUMENT', message: /epochs must be a positive integer, got 0/ },
    ],
    'numIters 0': [
      () => trainableModel().fit(data, null, { numIters: 0 }),
      { code: 'INVALID_ARGUMENT', message: /numIters must be a positive integer, got 0/ },
    ],
    'verbose 4': [
      () => trainableModel().fit(data, null, { verbose: 4 as 3 }),
      { code: 'INVALID_ARGUMENT', message: /verbose must be 0, 1, 2 or 3, got 4/ },
    ],
    'an empty saveDir': [
      () => trainableModel().fit(data, null, { saveDir: '' }),
      { code: 'INVALID_ARGUMENT', message: /saveDir must be a path, got ""/ },
    ],
    'a callback that is none': [
      () => trainableModel().fit(data, null, { callbacks: [{} as Callback] }),
      { code: 'INVALID_ARGUMENT', message: /callbacks\[0\] must be a Callback/ },
    ],
    'an unknown option': [
      () => trainableModel().fit(data, null, { batch_size: 4 } as object),
      { code: 'UNKNOWN_OPTION', message: /Model\.fit has no option 'batch_size'; did you mean 'batchSize'\?/ },
    ],
    'accumulation over data of unknown length': [
      () => trainableModel().fit(new Set([pointBatch(2)]), null, { accumulateGradBatches: 2 }),
      { code: 'INVALID_ARGUMENT', message: /accumulateGradBatches needs training data with a length/ },
    ],
    'a batch of fewer fields than inputs': [
      () => {
        class Two extends Layer<[tf.Tensor, tf.Tensor]> {
          override forward(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
            return tf.add(a, b);
          }
        }
        const model = new Model(new Two()).prepare(new SGD({ parameters: [] }), new CrossEntropyLoss());
        return model.fit([[pointBatch(2)[0]]], null, quiet);
      },
      { code: 'INVALID_ARGUMENT', message: /Two takes 2 inputs, got a batch of 1 fields/ },
    ],
    'a batch of something else': [
      () => trainableModel().fit([['image', 1]], null, quiet),
      { code: 'INVALID_ARGUMENT', message: /a batch must hold tensors or NdArrays, got "image"/ },
    ],
  };

  for (const [name, [run, expected]] of Object.entries(cases)) {
    it(`refuses ${name}`, () => assert.rejects(run(), expected));
  }
});

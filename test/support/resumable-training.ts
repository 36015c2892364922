/**
 * A training that is killed and resumed: everything that has a state, on a tiny network.
 *
 * A program of its own. Arguments: the folder of the checkpoints, then as JSON what differs from {@link defaults}. Prints
 * the bits of the loss of each training batch and at last `history <JSON>`.
 */
import fs from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { syncBuiltinESMExports } from 'node:module';
import './setup.js';
import { seed } from '../../src/common/random.js';
import { EarlyStopping, ReduceLROnPlateau, type Callback } from '../../src/callbacks/index.js';
import { Accuracy } from '../../src/metric/index.js';
import { Model, type FitOptions } from '../../src/model/index.js';
import {
  BatchNorm2D,
  ClipGradByGlobalNorm,
  Conv2D,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  Linear,
  MaxPool2D,
  ReLU,
  Sequential,
} from '../../src/nn/index.js';
import { Adam, lr, Momentum } from '../../src/optimizer/index.js';
import { classes, FlippedImages } from './flipped-images.js';

/** What a training can be told. */
export interface TrainingSettings {
  /** Options of `fit` beside those that are always the same. */
  readonly fit: FitOptions;
  /** Adam with a schedule, or Momentum whose rate a callback reduces. */
  readonly optimizer: 'adam' | 'momentum';
  /** File operation at which the process kills itself; 0 for never. Writes are cut in the middle. */
  readonly killAtOperation: number;
  /** Training batch, counted in this process, after which the process sends itself a signal; 0 for never. */
  readonly signalAtBatch: number;
  readonly signal: NodeJS.Signals;
  /** How often it is sent there, while the batch waits for a listener. */
  readonly signals: number;
  /** Evaluation batch at which the signal is sent instead. */
  readonly signalAtEvalBatch: number;
  /** Samples of the training data. */
  readonly samples: number;
}

const defaults: TrainingSettings = {
  fit: {},
  optimizer: 'adam',
  killAtOperation: 0,
  signalAtBatch: 0,
  signal: 'SIGKILL',
  signals: 1,
  signalAtEvalBatch: 0,
  samples: 22,
};

const [, , folder = '', json = '{}'] = process.argv;
const settings: TrainingSettings = { ...defaults, ...(JSON.parse(json) as Partial<TrainingSettings>) };

/** Kills the process at the given file operation, within a write after half of it. */
function killAtOperation(limit: number): void {
  let count = 0;
  const isTime = () => ++count === limit;
  const die = () => process.kill(process.pid, 'SIGKILL');
  const { open, rename, rm } = fs;
  const api = fs as unknown as Record<string, unknown>;
  api.rename = async (...args: Parameters<typeof rename>) => {
    if (isTime()) die();
    await rename(...args);
    if (isTime()) die();
  };
  api.rm = async (...args: Parameters<typeof rm>) => {
    if (isTime()) die();
    await rm(...args);
  };
  api.open = async (...args: Parameters<typeof open>) => {
    const handle = await open(...args);
    if (isTime()) die();
    const write = (bytes: Uint8Array) => handle.write(bytes);
    handle.writeFile = async (data) => {
      const bytes = data as Uint8Array;
      if (isTime()) {
        await write(bytes.subarray(0, bytes.length >> 1));
        die();
      }
      await write(bytes);
    };
    return handle;
  };
  syncBuiltinESMExports();
}

async function train(): Promise<void> {
  if (settings.killAtOperation > 0) killAtOperation(settings.killAtOperation);
  seed(3);
  const network = new Sequential(
    new Conv2D(1, 4, 3, { padding: 1 }),
    new BatchNorm2D(4),
    new ReLU(),
    new MaxPool2D(2, 2),
    new Flatten(),
    new Dropout(0.4),
    new Linear(36, classes),
  );
  const gradClip = new ClipGradByGlobalNorm(0.5);
  const parameters = network.parameters();
  const optimizer =
    settings.optimizer === 'adam'
      ? new Adam({ learningRate: new lr.CosineAnnealingDecay(0.01, 7), parameters, gradClip, weightDecay: 1e-3 })
      : new Momentum({ learningRate: 0.05, parameters, gradClip });
  const model = new Model(network).prepare(optimizer, new CrossEntropyLoss(), new Accuracy());
  const callbacks: Callback[] = [new EarlyStopping({ patience: 3, verbose: 0 })];
  if (settings.optimizer === 'momentum') {
    callbacks.push(new ReduceLROnPlateau({ patience: 1, minDelta: 0.5, factor: 0.5, verbose: 0 }));
  }

  let batches = 0;
  let evalBatches = 0;
  model.on('trainBatchEnd', async (_step, { loss = [] }) => {
    console.log(Buffer.from(Float64Array.from(loss).buffer).toString('hex'));
    if (++batches !== settings.signalAtBatch) return;
    for (let sent = 0; sent < settings.signals; sent++) {
      process.kill(process.pid, settings.signal);
      if (settings.signals > 1) await setTimeout(100);
    }
  });
  model.on('evalBatchEnd', () => {
    if (++evalBatches === settings.signalAtEvalBatch) process.kill(process.pid, settings.signal);
  });
  const history = await model.fit(new FlippedImages(settings.samples, true), new FlippedImages(9, false), {
    batchSize: 4,
    epochs: 4,
    verbose: 0,
    saveDir: folder,
    resume: true,
    callbacks,
    ...settings.fit,
  });
  const comparable = history.epochs.map(({ seconds: _seconds, samplesPerSecond: _speed, ...epoch }) => epoch);
  console.log(`history ${JSON.stringify(comparable)}`);
}

await train();

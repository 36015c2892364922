// Three ways to follow a training run: npx tsx examples/custom-callback.ts
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Model } from 'paddlewheel';
import { Callback, type Logs } from 'paddlewheel/callbacks';
import { Accuracy } from 'paddlewheel/metric';
import { CrossEntropyLoss } from 'paddlewheel/nn';
import { Adam } from 'paddlewheel/optimizer';
import { MNIST } from 'paddlewheel/vision/datasets';
import { LeNet } from 'paddlewheel/vision/models';
import { ToTensor } from 'paddlewheel/vision/transforms';
import { readArguments } from './support/arguments.js';
import { limited } from './support/limit.js';

const { epochs, limit, output } = readArguments('Trains LeNet on MNIST with callbacks of its own.', {
  epochs: 1,
  output: 'output/custom-callback',
});

/** Lets an epoch be the last one when the accuracy reaches a goal in it. */
class StopAtAccuracy extends Callback {
  constructor(readonly goal: number) {
    super();
  }

  override onTrainBatchEnd(step: number, logs: Logs): void {
    if (step >= 100 && Number(logs.acc) >= this.goal && !this.model.stopTraining) {
      console.log(`accuracy ${Number(logs.acc).toFixed(3)} reached after ${step + 1} steps`);
      this.model.stopTraining = true;
    }
  }
}

/** Appends a line per epoch to a file; the run waits until it is written. */
class EpochLog extends Callback {
  readonly file = path.join(output, 'epochs.jsonl');

  override async onTrainBegin(): Promise<void> {
    await mkdir(output, { recursive: true });
    await writeFile(this.file, '');
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    await appendFile(this.file, `${JSON.stringify({ epoch, ...logs })}\n`);
  }
}

const transform = new ToTensor();
const model = new Model(new LeNet()).prepare(new Adam({ learningRate: 0.001 }), new CrossEntropyLoss(), new Accuracy());

// Every hook of a callback is an event, too.
model.on('epochBegin', (epoch) => console.log(`epoch ${epoch} begins`));
model.on('trainBatchEnd', (step, logs) => {
  if (step % 100 === 0) console.log(`step ${step}: loss ${Number(logs.loss?.[0]).toFixed(4)}`);
});

const log = new EpochLog();
await model.fit(
  limited(new MNIST({ mode: 'train', transform }), limit),
  limited(new MNIST({ mode: 'test', transform }), limit),
  { epochs, batchSize: 64, verbose: 0, callbacks: [new StopAtAccuracy(0.97), log] },
);
console.log(`epochs are in ${log.file}`);

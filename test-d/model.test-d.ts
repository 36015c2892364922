import { expectAssignable, expectError, expectType } from 'tsd';
import { flops, InputSpec, Model, summary, type History, type SummaryResult, type Tensor } from 'paddlewheel';
import { Callback, LRScheduler, type BeginLogs, type Logs } from 'paddlewheel/callbacks';
import { Accuracy } from 'paddlewheel/metric';
import { CrossEntropyLoss, Linear } from 'paddlewheel/nn';
import { Momentum } from 'paddlewheel/optimizer';

const network = new Linear(2, 3);
const model = new Model(network);
const optimizer = new Momentum({ learningRate: 0.1 });
const loss = new CrossEntropyLoss();
const accuracy = new Accuracy();
declare const data: readonly (readonly [Tensor, Tensor])[];
declare const tensor: Tensor;

// The chain.
expectType<History>(await new Model(network).prepare(optimizer, loss, accuracy).fit(data, data, { epochs: 2 }));
expectType<number | undefined>((await model.fit(data)).epochs[0]?.loss);

// What a batch gives is known from what was prepared.
type Losses = readonly number[];
type Metrics = readonly (number | number[] | undefined)[];
expectType<Losses>(model.prepare(optimizer, loss).trainBatch(tensor, tensor));
expectType<readonly [losses: Losses, metrics: Metrics]>(model.prepare(optimizer, loss, accuracy).trainBatch([tensor]));
expectType<readonly [losses: Losses, metrics: Metrics]>(model.prepare(optimizer, loss, [accuracy]).evalBatch(tensor));
expectType<Metrics>(model.prepare(null, null, accuracy).evalBatch(tensor, tensor));
expectType<readonly []>(model.prepare().evalBatch(tensor));
expectAssignable<Model>(model.prepare(optimizer, loss, [accuracy]));

// Losses are layers or functions of tensors.
model.prepare(optimizer, (scores: Tensor, labels: Tensor) => loss.forward(scores, labels));
model.prepare(optimizer, (scores: Tensor) => [scores, scores]);
expectError(model.prepare(optimizer, (scores: string) => scores));
expectError(model.prepare(optimizer, 'loss'));
expectError(model.prepare(loss, optimizer));
expectError(model.prepare(optimizer, loss, 'acc'));

// Arguments of events.
model.on('epochEnd', (epoch, logs) => {
  expectType<number>(epoch);
  expectType<Logs>(logs);
  expectType<readonly number[] | undefined>(logs.loss);
  expectType<number | undefined>(logs.batchSize);
  expectType<number | readonly number[] | undefined>(logs['acc']);
});
model.on('evalBegin', (logs) => expectType<BeginLogs>(logs));
model.on('checkpoint', (path) => expectType<string>(path));
model.once('trainBatchEnd', async (step, logs) => {
  await Promise.resolve([step, logs]);
});
expectType<Promise<void>>(model.emitAwaited('trainBatchEnd', 3, { loss: [1], acc: 0.5 }));
expectError(model.on('epochEnds', () => undefined));
expectError(model.on('epochEnd', (epoch: string) => epoch));
expectError(model.on('trainEnd', (epoch: number) => epoch));
expectError(model.emitAwaited('epochEnd', 'first', {}));

// Options are exact.
expectError(model.fit(data, data, { epoch: 2 }));
expectError(model.fit(data, data, { batch_size: 2 }));
expectError(model.fit(data, data, { verbose: 4 }));
expectError(model.fit(data, data, { batchSize: [1, 2, 3] }));
expectError(model.fit(data, data, { callbacks: [{}] }));
expectError(model.fit(3));
expectError(model.evaluate(data, { shuffle: true }));
expectError(model.evaluate());
expectError(model.predict(data, { logFreq: 1 }));
expectError(model.trainBatch(tensor, tensor, { updates: false }));
expectError(model.save('model', { inference: true }));
expectError(model.load('model', { skip: true }));
await model.fit(data, null, {
  batchSize: [8, 16],
  verbose: 1,
  callbacks: new LRScheduler({ byEpoch: true, byStep: false }),
});

// What comes back.
expectType<number[]>((await model.predict(data)).map((batches) => batches.length));
expectType<readonly number[]>((await model.predict(data, { stackOutputs: true }))[0]!.shape);
expectType<readonly number[] | undefined>((await model.evaluate(data)).loss);

// Callbacks.
class Follower extends Callback {
  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    expectType<Model>(this.model);
    expectType<number | undefined>(this.params.epochs);
    await Promise.resolve([epoch, logs]);
  }
  override onTrainBegin(logs?: Logs): void {
    expectType<Logs | undefined>(logs);
  }
}
expectAssignable<Callback>(new Follower());
class Wrong extends Callback {
  // @ts-expect-error -- an epoch is a number
  override onEpochEnd(epoch: string): void {}
}
new Wrong();

// Descriptions of inputs.
expectAssignable<Model>(new Model(network, new InputSpec([null, 2], { name: 'x' }), [new InputSpec([1])]));
expectError(new Model(network, [[null, 2]]));
expectError(new InputSpec([1], { type: 'int32' }));
expectError(new Model({}));

// Checkpoints.
await model.fit(data, data, { saveDir: 'output', saveSteps: 10, resume: true, stopOnSignal: true });
expectError(model.fit(data, data, { resume: 'latest' }));
expectType<Promise<void>>(model.saveCheckpoint('output/own'));

// Sizes of inputs.
expectType<SummaryResult>(summary(network, [null, 2]));
expectType<SummaryResult>(summary(network, { inputSize: [[1, 2], new InputSpec([3])], dtypes: ['float32', 'int64'] }));
expectType<SummaryResult>(model.summary({ inputSize: 2, dtype: 'int32' }));
expectType<number>(flops(network, [1, 2], { customOps: new Map([[Linear, () => 1]]), printDetail: true }));
expectError(summary(network, '1, 2'));
expectError(flops(network));

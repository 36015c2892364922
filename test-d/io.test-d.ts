import { expectAssignable, expectError, expectType } from 'tsd';
import { NdArray, type Tensor } from 'paddlewheel';
import {
  ChainDataset,
  ComposeDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  DistributedBatchSampler,
  getWorkerInfo,
  IterableDataset,
  randomSplit,
  Subset,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type Portable,
  type WorkerCopy,
  type WorkerInfo,
} from 'paddlewheel/io';

class Pairs extends Dataset<[image: NdArray<'float32'>, label: number]> implements Portable {
  static readonly moduleUrl = import.meta.url;
  get length(): number {
    return 1;
  }
  getItem(): [NdArray<'float32'>, number] {
    return [new NdArray(new Float32Array(1), [1]), 0];
  }
  toWorker(): WorkerCopy {
    return { args: [] };
  }
}

class Names extends Dataset<string> {
  get length(): number {
    return 1;
  }
  getItem(): string {
    return 'a';
  }
}

class Lines extends IterableDataset<[string, number]> {
  *iterate(): Generator<[string, number]> {
    yield ['a', 1];
  }
}

class LaterLines extends IterableDataset<[string, number]> {
  async *iterate(): AsyncGenerator<[string, number]> {
    yield Promise.resolve<[string, number]>(['a', 1]);
  }
}

for await (const [text, number] of new DataLoader(new ChainDataset([new Lines(), new LaterLines()]))) {
  expectType<string[]>(text);
  expectType<Tensor>(number);
}

const composed = new ComposeDataset([new Pairs(), new Names()]);
for await (const [image, label, name] of new DataLoader(composed, { batchSize: 2, numWorkers: 8 })) {
  expectType<Tensor>(image);
  expectType<Tensor>(label);
  expectType<string[]>(name);
}

expectType<Subset<string>[]>(randomSplit(new Names(), [0.5, 0.5]));
expectAssignable<Dataset<string>>(new ConcatDataset([new Names(), new Subset(new Names(), [0])]));
expectType<WorkerInfo | null>(getWorkerInfo());

const loader = new DataLoader(new Pairs(), {
  collateFn: (samples) => samples.map(([, label]) => label),
  numWorkers: 2,
  prefetchFactor: 4,
  timeout: 10,
  persistentWorkers: true,
  workerInitFn: (id) => {
    expectType<number>(id);
  },
});
for await (const labels of loader) expectType<number[]>(labels);
for await (const labels of loader.pass(3)) expectType<number[]>(labels);
expectType<Promise<void>>(loader.close());

expectAssignable<Iterable<number[]>>(new DistributedBatchSampler(new Names(), 4, { numReplicas: 2, rank: 1 }));
expectAssignable<Iterable<number>>(new WeightedRandomSampler([1, 2], 4, { replacement: false }));
expectAssignable<Iterable<number>>(new SubsetRandomSampler([1, 2]));

expectError(new DistributedBatchSampler(new Names()));
expectError(new DistributedBatchSampler(new Names(), 4, { replicas: 2 }));
expectError(new WeightedRandomSampler([1, 2]));
expectError(new DataLoader(new Pairs(), { timeout: '1' }));
expectError(new DataLoader(new Pairs(), { workerInitFn: (name: string) => name }));
expectError(new ChainDataset([new Pairs()]));
expectError(randomSplit(new Names()));

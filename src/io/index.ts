/**
 * Data sets, samplers, loaders.
 *
 * @module
 */
export { defaultCollate, type Collated } from './collate.js';
export { ComposeDataset, type DatasetsOf, type JoinedFields } from './compose-dataset.js';
export { ConcatDataset } from './concat-dataset.js';
export { DataLoader, type DataLoaderOptions } from './data-loader.js';
export { Dataset, Subset, type SampleOf } from './dataset.js';
export { DistributedBatchSampler, type DistributedBatchSamplerOptions } from './distributed-batch-sampler.js';
export { ChainDataset, IterableDataset } from './iterable-dataset.js';
export type { Portable, WorkerCopy } from './portable.js';
export { randomSplit } from './random-split.js';
export {
  BatchSampler,
  RandomSampler,
  Sampler,
  SequenceSampler,
  type BatchSamplerOptions,
  type OrderState,
  type RandomSamplerOptions,
  type Resumable,
  type Sized,
} from './sampler.js';
export { SubsetRandomSampler } from './subset-random-sampler.js';
export { TensorDataset } from './tensor-dataset.js';
export {
  WeightedRandomSampler,
  type SampleWeights,
  type WeightedRandomSamplerOptions,
} from './weighted-random-sampler.js';
export { getWorkerInfo, type WorkerInfo } from './worker-info.js';

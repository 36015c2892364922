/**
 * Data sets, samplers, loaders.
 *
 * @module
 */
export { defaultCollate, type Collated } from './collate.js';
export { DataLoader, type DataLoaderOptions } from './data-loader.js';
export { ConcatDataset, Dataset, Subset, type SampleOf } from './dataset.js';
export type { Portable, WorkerCopy } from './portable.js';
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
export { TensorDataset } from './tensor-dataset.js';

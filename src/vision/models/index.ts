/**
 * Networks for images.
 *
 * @module
 */
export { FeatureExtractor, replaceHead, type ReplaceHeadOptions } from './fine-tuning.js';
export { listModels } from './list.js';
export type { ClassifierOptions, ScaledOptions } from './options.js';
export type { ModelBuilder } from './pretrained.js';
export * from './registry.js';

/**
 * Networks for images.
 *
 * @module
 */
export { listModels } from './list.js';
export type { ClassifierOptions, ScaledOptions } from './options.js';
export type { ModelBuilder } from './pretrained.js';
export * from './registry.js';

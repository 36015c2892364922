/**
 * Operations that TensorFlow.js does not have, or not in a form that trains fast.
 *
 * @module
 */
export * from './activation.js';
export * from './convolution.js';
export * from './cross-entropy.js';
export * from './deformed-columns.js';
export * from './dropout.js';
export * from './linear.js';
export * from './normalization.js';
export * from './pooling.js';
export * from './random.js';
export * from './regions.js';
export * from './softmax.js';
export * from './sort.js';
export * from './take-along.js';

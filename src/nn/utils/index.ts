/**
 * Helpers for parameters and their gradients.
 *
 * @module
 */
export { clipGradNorm, clipGradValue, type ClipGradNormOptions } from './clip.js';
export { spectralNorm, type SpectralNormHookOptions } from './spectral-norm.js';
export { parametersToVector, vectorToParameters } from './vector.js';
export { removeWeightNorm, weightNorm, type WeightNormOptions } from './weight-norm.js';

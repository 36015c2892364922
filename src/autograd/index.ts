/**
 * Gradients: the persistent tape, `grad`, `noGrad`.
 *
 * @module
 */
export { enableGrad, grad, noGrad, type BackwardOptions, type GradOptions } from './backward.js';
export { isRecording, releaseGraphAfter } from './tape.js';

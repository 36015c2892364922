/**
 * Gradients: the persistent tape, `backward`, `grad`, `noGrad`.
 *
 * @module
 */
export { backward, enableGrad, grad, noGrad, type BackwardOptions, type GradOptions } from './backward.js';

/**
 * Gradients: the persistent tape, `backward`, `grad`, `noGrad`.
 *
 * @module
 */
export { backward, detach, enableGrad, grad, gradientOf, noGrad, setGradient, zeroGradient } from './backward.js';
export type { BackwardOptions, GradOptions } from './backward.js';
export { isRecording, producerOf, releaseGraphAfter, requiresGradient, setRequiresGradient } from './tape.js';

/**
 * Learning rates that change over time.
 *
 * @module
 */
export { CosineAnnealingDecay, type CosineAnnealingDecayOptions } from './cosine-annealing-decay.js';
export {
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from './cosine-annealing-warm-restarts.js';
export { CyclicLR, type CyclicLROptions } from './cyclic-lr.js';
export { ExponentialDecay } from './exponential-decay.js';
export { InverseTimeDecay } from './inverse-time-decay.js';
export { LambdaDecay } from './lambda-decay.js';
export { LinearLR, type LinearLROptions } from './linear-lr.js';
export { LinearWarmup } from './linear-warmup.js';
export { MultiplicativeDecay } from './multiplicative-decay.js';
export { MultiStepDecay, type MultiStepDecayOptions } from './multi-step-decay.js';
export { NaturalExpDecay } from './natural-exp-decay.js';
export { NoamDecay, type NoamDecayOptions } from './noam-decay.js';
export { OneCycleLR, type OneCycleLROptions } from './one-cycle-lr.js';
export { PiecewiseDecay } from './piecewise-decay.js';
export { PolynomialDecay, type PolynomialDecayOptions } from './polynomial-decay.js';
export { ReduceOnPlateau, type ReduceOnPlateauOptions } from './reduce-on-plateau.js';
export { LRScheduler, type LRSchedulerOptions, type LRSchedulerState } from './scheduler.js';
export { StepDecay, type StepDecayOptions } from './step-decay.js';

/**
 * Optimizers and learning-rate schedules.
 *
 * @module
 */
export type { AccumulatorSpec } from './accumulators.js';
export { Adadelta, type AdadeltaOptions, type AdadeltaSettings } from './adadelta.js';
export { Adagrad, type AdagradOptions, type AdagradSettings } from './adagrad.js';
export type { AdamSettings } from './adam-rule.js';
export { Adam, type AdamOptions } from './adam.js';
export { Adamax, type AdamaxOptions } from './adamax.js';
export { AdamW, type AdamWGroup, type AdamWOptions } from './adamw.js';
export { ASGD, type ASGDOptions } from './asgd.js';
export { Lamb, type LambOptions, type LambSettings } from './lamb.js';
export { LBFGS, type LBFGSOptions } from './lbfgs.js';
export * as lr from './lr/index.js';
export { Momentum, type MomentumOptions, type MomentumSettings } from './momentum.js';
export {
  Optimizer,
  type OptimizerOptions,
  type OptimizerStateDict,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';
export { NAdam, type NAdamOptions, type NAdamSettings } from './nadam.js';
export { RAdam, type RAdamOptions } from './radam.js';
export { RMSProp, type RMSPropOptions, type RMSPropSettings } from './rmsprop.js';
export { Rprop, type RpropOptions, type RpropSettings } from './rprop.js';
export { SGD } from './sgd.js';

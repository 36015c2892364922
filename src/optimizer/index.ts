/**
 * Optimizers and learning-rate schedules.
 *
 * @module
 */
export type { AccumulatorSpec } from './accumulators.js';
export { Adam, type AdamOptions, type AdamSettings } from './adam.js';
export * as lr from './lr/index.js';
export { Momentum, type MomentumOptions, type MomentumSettings } from './momentum.js';
export {
  Optimizer,
  type OptimizerOptions,
  type OptimizerStateDict,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';
export { SGD } from './sgd.js';

/**
 * Learning rates that change over time.
 *
 * @module
 */
export { LRScheduler, type LRSchedulerOptions, type LRSchedulerState } from './scheduler.js';
export { StepDecay, type StepDecayOptions } from './step-decay.js';

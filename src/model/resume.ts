/**
 * From a training to its state and back.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { getRandomState, setRandomState } from '../common/random.js';
import type { OrderState } from '../io/index.js';
import type { Optimizer } from '../optimizer/index.js';
import type { LRSchedulerState } from '../optimizer/lr/index.js';
import { checkMetrics } from './checkpoints.js';
import type { Logs } from './events.js';
import type { EpochRecord, LossMean } from './history.js';
import type { Model } from './model.js';
import type { Run } from './run.js';
import type { TrainingState } from './training-state.js';
import type { TrainPlan } from './training.js';

/** Everything that changes while a training runs. */
export interface TrainingParts {
  readonly model: Model;
  readonly run: Run;
  readonly plan: TrainPlan;
  /** Losses of the epoch that runs. */
  readonly loss: LossMean;
  epoch: number;
  step: number;
  phase: 'train' | 'evaluate';
  trainedSteps: number;
  seconds: number;
  trained: EpochRecord | null;
  logs: Logs;
  epochs: EpochRecord[];
  /** Order of the pass that runs, as it was before its first batch; null between passes. */
  trainOrder: OrderState | null;
}

/** The state of a training between two batches. */
export function capture(parts: TrainingParts): TrainingState {
  const { model, run, plan, epoch, step, phase, trainedSteps } = parts;
  const isWithinEpoch = phase === 'train' && step > 0;
  if (isWithinEpoch) checkMetrics(model, 'a checkpoint within an epoch');
  const { optimizer } = model;
  return {
    run: plan.run,
    streams: plan.streams,
    position: { epoch, step, phase, trainedSteps },
    stepsPerEpoch: plan.train.length ?? null,
    random: getRandomState(),
    learningRate: optimizer?.scheduler?.stateDict() ?? optimizer?.getLr() ?? NaN,
    gradients: model.parameters().flatMap((parameter, index) => (parameter.grad ? [index] : [])),
    data: { train: parts.trainOrder ?? plan.train.order, val: plan.val?.order ?? {} },
    metrics: isWithinEpoch ? model.metrics.map((metric) => metric.stateDict?.() ?? null) : [],
    loss: parts.loss.state,
    seconds: parts.seconds,
    trained: parts.trained,
    logs: parts.logs,
    epochs: [...parts.epochs],
    budget: { left: run.budget.left, isSpent: run.budget.isSpent },
    stopTraining: model.stopTraining,
    stopAfterBatch: model.stopAfterBatch,
    callbacks: run.callbacks.states(),
  };
}

/**
 * Puts a training where another one stood; doing it twice changes nothing. The weights, the optimizer's accumulators and the
 * callbacks are the caller's affair.
 */
export function restore(parts: TrainingParts, state: TrainingState): void {
  const { model, run, plan } = parts;
  const { position } = state;
  setRandomState(state.random);
  if (model.optimizer) restoreLearningRate(model.optimizer, state.learningRate);
  restoreGradients(model, state.gradients);
  plan.train.order = state.data.train;
  if (plan.val) plan.val.order = state.data.val;
  model.metrics.forEach((metric, index) => {
    const saved = state.metrics[index];
    if (saved) metric.setStateDict?.(saved);
  });
  parts.loss.restore(state.loss);
  parts.epoch = position.epoch;
  parts.step = position.step;
  parts.phase = position.phase;
  parts.trainedSteps = position.trainedSteps;
  parts.seconds = state.seconds;
  parts.trained = state.trained;
  parts.logs = state.logs;
  parts.epochs = [...state.epochs];
  run.budget.restore(state.budget);
  model.stopTraining = state.stopTraining;
  model.stopAfterBatch = state.stopAfterBatch;
}

function restoreLearningRate(optimizer: Optimizer, saved: number | LRSchedulerState): void {
  const { scheduler } = optimizer;
  if (scheduler && typeof saved === 'object') scheduler.setStateDict(saved);
  else if (!scheduler && typeof saved === 'number') optimizer.setLr(saved);
  else {
    const had = typeof saved === 'number' ? 'no schedule' : 'a schedule';
    throw new InvalidArgumentError(
      `the learning rate of the checkpoint had ${had}, that of the optimizer has ${scheduler ? 'one' : 'none'}`,
    );
  }
}

/** A parameter whose gradient is zero is changed by a step, one without gradient is not. */
function restoreGradients(model: Model, gradients: readonly number[]): void {
  const parameters = model.parameters();
  for (const parameter of parameters) parameter.clearGrad();
  for (const index of gradients) {
    const parameter = parameters[index];
    if (parameter === undefined) continue;
    parameter.grad = tf.tidy(() => tf.keep(tf.zerosLike(parameter)));
    parameter.clearGrad(true);
  }
}

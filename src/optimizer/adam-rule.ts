/**
 * The update rule that Adam and AdamW share.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import { checkNumber } from '../common/options.js';
import { stepInPlace } from '../engine/index.js';
import type { Parameter } from '../nn/parameter.js';
import type { AccumulatorSpec } from './accumulators.js';
import { engineStep, withDecay, type ParameterUpdate } from './optimizer.js';

/** Numbers of Adam and its kin that a group of parameters can have of its own. */
export interface AdamSettings {
  /** Share of the old first moment in the new one, in [0, 1). @defaultValue 0.9 */
  readonly beta1: number;
  /** Share of the old second moment in the new one, in [0, 1). @defaultValue 0.999 */
  readonly beta2: number;
  /** Added to the root of the second moment, at least 0. @defaultValue 1e-8, of Lamb 1e-6 */
  readonly epsilon: number;
}

/** A share that is at least 0 and below 1. */
function checkShare(name: string, value: number): number {
  return checkNumber(name, value, 0, 1 - Number.EPSILON / 2);
}

/** The settings among an optimizer's options, with defaults filled in. */
export function adamSettings(options: Partial<AdamSettings>, epsilon = 1e-8): AdamSettings {
  return {
    beta1: checkShare('beta1', options.beta1 ?? 0.9),
    beta2: checkShare('beta2', options.beta2 ?? 0.999),
    epsilon: checkNumber('epsilon', options.epsilon ?? epsilon, 0),
  };
}

/** What Adam remembers; with `amsgrad` the largest second moment, too. */
export function adamAccumulators(amsgrad: boolean): AccumulatorSpec[] {
  return [
    { name: 'moment1' },
    { name: 'moment2' },
    ...(amsgrad ? [{ name: 'moment2_max' }] : []),
    { name: 'beta1_pow_acc', fill: 'beta1', shape: [1] },
    { name: 'beta2_pow_acc', fill: 'beta2', shape: [1] },
  ];
}

type AdamUpdate = ParameterUpdate<AdamSettings>;

/** Moves the two moments of a parameter towards its gradient. */
export function moveMoments(update: AdamUpdate): void {
  const { beta1, beta2 } = update.settings;
  const { moment1, moment2 } = update.slots as Record<'moment1' | 'moment2', Parameter>;
  const gradient = withDecay(update);
  // Paddle and the engine's kernel subtract from 1 in single precision, which the first steps show.
  moment1.assign(tf.add(tf.mul(moment1, beta1), tf.mul(gradient, 1 - Math.fround(beta1))));
  moment2.assign(tf.add(tf.mul(moment2, beta2), tf.mul(tf.square(gradient), 1 - Math.fround(beta2))));
}

/** Goes on to the next powers of beta1 and beta2. */
export function movePowers({ settings, slots }: AdamUpdate): void {
  slots.beta1_pow_acc?.assign(tf.mul(slots.beta1_pow_acc, settings.beta1));
  slots.beta2_pow_acc?.assign(tf.mul(slots.beta2_pow_acc, settings.beta2));
}

/**
 * One step for one parameter, by operations of TensorFlow.js.
 *
 * @param shrink - factor on the parameter before the step
 */
export function adamUpdate(update: AdamUpdate, shrink = 1): void {
  const { parameter, learningRate, slots, settings } = update;
  const { moment1, moment2, beta1_pow_acc, beta2_pow_acc } = slots as Record<string, Parameter>;
  const correction2 = Math.sqrt(1 - beta2_pow_acc!.item());
  const rate = (learningRate * correction2) / (1 - beta1_pow_acc!.item());
  moveMoments(update);
  const largest = slots.moment2_max;
  largest?.assign(tf.maximum(largest, moment2!));
  const step = tf.div(moment1!, tf.add(tf.sqrt(largest ?? moment2!), settings.epsilon * correction2));
  const start = shrink === 1 ? parameter : tf.mul(parameter, shrink);
  parameter.assign(tf.sub(start, tf.mul(step, rate)));
  movePowers(update);
}

/**
 * One step for all parameters by the engine's kernel.
 *
 * @returns false, with nothing done, when the engine is not the active backend
 */
export function adamUpdateAll(
  updates: readonly AdamUpdate[],
  shrink: (update: AdamUpdate) => number = () => 1,
): boolean {
  const { beta1, beta2, epsilon } = updates[0]!.settings;
  const steps = updates.map((update) => {
    const { beta1_pow_acc, beta2_pow_acc } = update.slots as Record<string, Parameter>;
    const powers = [beta1_pow_acc!, beta2_pow_acc!];
    return { ...engineStep(update, ['moment1', 'moment2', 'moment2_max']), powers, shrink: shrink(update) };
  });
  return stepInPlace(steps, (kernels, table, count) => {
    kernels.adam_step(table, count, beta1, beta2, epsilon);
  });
}

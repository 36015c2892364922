import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkBoolean, checkNumber, checkOptions } from '../common/options.js';
import { stepInPlace } from '../engine/index.js';
import type { Parameter } from '../nn/parameter.js';
import {
  engineStep,
  Optimizer,
  optimizerOptionNames,
  withDecay,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Numbers of {@link Momentum} that a group of parameters can have of its own. */
export interface MomentumSettings {
  /** Share of the old velocity in the new one. @defaultValue 0.9 */
  readonly momentum: number;
  /** Look ahead along the velocity (Nesterov, 1983). @defaultValue false */
  readonly useNesterov: boolean;
}

/** Options of {@link Momentum}. */
export interface MomentumOptions
  extends OptimizerOptions<ParameterGroup & Partial<MomentumSettings>>, Partial<MomentumSettings> {
  /** Accepted for compatibility: as in Paddle on a CPU it has no effect. @defaultValue 1 */
  readonly rescaleGrad?: number;
}

/**
 * Gradient descent with momentum: `v = momentum * v + g`, `p -= lr * v`; with `useNesterov`
 * `p -= lr * (g + momentum * v)` (Sutskever et al., 2013).
 */
export class Momentum extends Optimizer<MomentumSettings> {
  constructor(options: MomentumOptions = {}) {
    checkOptions('Momentum', options, [...optimizerOptionNames, 'momentum', 'useNesterov', 'rescaleGrad']);
    const momentum = checkNumber('momentum', options.momentum ?? 0.9);
    const useNesterov = checkBoolean('useNesterov', options.useNesterov ?? false);
    super(options, [{ name: 'velocity' }], { momentum, useNesterov });
  }

  protected update(update: ParameterUpdate<MomentumSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { velocity } = slots as { velocity: Parameter };
    const { momentum, useNesterov } = settings;
    const penalised = withDecay(update);
    velocity.assign(tf.add(tf.mul(velocity, momentum), penalised));
    const direction: Tensor = useNesterov ? tf.add(penalised, tf.mul(velocity, momentum)) : velocity;
    parameter.assign(tf.sub(parameter, tf.mul(direction, learningRate)));
  }

  protected override updateAll(updates: readonly ParameterUpdate<MomentumSettings>[]): void {
    const { momentum, useNesterov } = updates[0]!.settings;
    const steps = updates.map((update) => engineStep(update, ['velocity']));
    const fused = stepInPlace(steps, (kernels, table, count) => {
      kernels.momentum_step(table, count, momentum, Number(useNesterov));
    });
    if (!fused) super.updateAll(updates);
  }
}

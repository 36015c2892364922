import { checkBoolean, checkFunction, checkNumber, checkOptions } from '../common/options.js';
import type { Parameter } from '../nn/parameter.js';
import type { Regularizer } from '../regularizer/index.js';
import { adamAccumulators, adamSettings, adamUpdate, adamUpdateAll, type AdamSettings } from './adam-rule.js';
import {
  Optimizer,
  optimizerOptionNames,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** A group of parameters of {@link AdamW}. */
export interface AdamWGroup extends ParameterGroup, Partial<AdamSettings> {
  /** Decay of the parameters of the group. @defaultValue the optimizer's */
  readonly weightDecay?: number;
}

/** Options of {@link AdamW}. */
export interface AdamWOptions extends OptimizerOptions<AdamWGroup>, Partial<AdamSettings> {
  /** Share of a parameter, times the learning rate, that each step takes away. @defaultValue 0.01 */
  readonly weightDecay?: number;
  /** Factor on the learning rate of a parameter, also for its decay. @defaultValue null */
  readonly lrRatio?: ((parameter: Parameter) => number) | null;
  /** Tells by its name whether a parameter decays. @defaultValue null, for all */
  readonly applyDecayParamFun?: ((name: string) => boolean) | null;
  /** Use the largest second moment so far (Reddi et al., 2018). @defaultValue false */
  readonly amsgrad?: boolean;
}

/**
 * Adam with a decay apart from the gradient (Loshchilov and Hutter, 2019): `p *= 1 - lr * weightDecay` before each step
 * of {@link Adam}. A regulariser of a parameter itself is added to its gradient, as in all optimizers.
 */
export class AdamW extends Optimizer<AdamSettings> {
  readonly #lrRatio: ((parameter: Parameter) => number) | null;
  readonly #decays: ((name: string) => boolean) | null;

  constructor(options: AdamWOptions = {}) {
    const own = ['beta1', 'beta2', 'epsilon', 'lrRatio', 'applyDecayParamFun', 'amsgrad'];
    checkOptions('AdamW', options, [...optimizerOptionNames, ...own]);
    const weightDecay = checkNumber('weightDecay', options.weightDecay ?? 0.01);
    const amsgrad = checkBoolean('amsgrad', options.amsgrad ?? false);
    super({ ...options, weightDecay }, adamAccumulators(amsgrad), adamSettings(options));
    this.#lrRatio = options.lrRatio == null ? null : checkFunction('lrRatio', options.lrRatio);
    this.#decays =
      options.applyDecayParamFun == null ? null : checkFunction('applyDecayParamFun', options.applyDecayParamFun);
  }

  protected override penaltyOf(parameter: Parameter): Regularizer | null {
    return parameter.regularizer;
  }

  #withRatio(update: ParameterUpdate<AdamSettings>): ParameterUpdate<AdamSettings> {
    if (!this.#lrRatio) return update;
    const ratio = checkNumber('the value of lrRatio', this.#lrRatio(update.parameter));
    return { ...update, learningRate: update.learningRate * ratio };
  }

  #shrink({ parameter, learningRate, weightDecay }: ParameterUpdate<AdamSettings>): number {
    const decays = this.#decays?.(parameter.name) ?? true;
    return decays ? 1 - learningRate * (weightDecay?.coeff ?? 0) : 1;
  }

  protected update(update: ParameterUpdate<AdamSettings>): void {
    adamUpdate(update, this.#shrink(update));
  }

  protected override updateAll(updates: readonly ParameterUpdate<AdamSettings>[]): void {
    const scaled = updates.map((update) => this.#withRatio(update));
    if (!adamUpdateAll(scaled, (update) => this.#shrink(update))) super.updateAll(scaled);
  }
}

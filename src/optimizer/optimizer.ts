/**
 * Base of the optimizers.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../autograd/index.js';
import { InvalidArgumentError, NotPreparedError } from '../common/errors.js';
import type { NdArray } from '../common/ndarray.js';
import { checkNumber, checkOptions, describeValue } from '../common/options.js';
import type { VariableStep } from '../engine/index.js';
import { GradientClip, type ParameterGradient } from '../nn/clip.js';
import { Parameter } from '../nn/parameter.js';
import { L2Decay, type Regularizer } from '../regularizer/index.js';
import { LRScheduler } from './lr/scheduler.js';
import { Accumulators, type AccumulatorSpec } from './accumulators.js';

/** Parameters with settings of their own. */
export interface ParameterGroup {
  /** The parameters. */
  readonly params: readonly Parameter[];
  /** Factor on the optimizer's learning rate. @defaultValue 1 */
  readonly learningRate?: number;
  /** Penalty on the parameters. @defaultValue the optimizer's */
  readonly weightDecay?: number | Regularizer | null;
  /** Clipping of the group's gradients. @defaultValue the optimizer's */
  readonly gradClip?: GradientClip | null;
}

/** Options of every optimizer. */
export interface OptimizerOptions<Group extends ParameterGroup = ParameterGroup> {
  /** The rate, or a schedule. @defaultValue 0.001 */
  readonly learningRate?: number | LRScheduler;
  /** What to optimise: parameters or groups of them. `Model.prepare` fills it in when it is left out. */
  readonly parameters?: readonly Parameter[] | readonly Group[] | null;
  /** Penalty on the parameters; a number c stands for `L2Decay(c)`. @defaultValue null */
  readonly weightDecay?: number | Regularizer | null;
  /** Clipping of gradients. @defaultValue null */
  readonly gradClip?: GradientClip | null;
  /** Part of the names in the state dict. @defaultValue null */
  readonly name?: string | null;
}

/** Names of {@link OptimizerOptions}. */
export const optimizerOptionNames = ['learningRate', 'parameters', 'weightDecay', 'gradClip', 'name'];

/** What an optimizer saves: accumulators by name, and the state of the schedule under `LR_Scheduler`. */
export type OptimizerStateDict = Record<string, unknown>;

/** What an update rule gets for one parameter. */
export interface ParameterUpdate<Settings> {
  /** What to change. */
  readonly parameter: Parameter;
  /** The gradient, clipped. */
  readonly gradient: Tensor;
  /** Factor of the L2 penalty: the rule adds `decay * parameter` to the gradient. */
  readonly decay: number;
  /** The penalty of the parameter's group, for rules that do not add it to the gradient. */
  readonly weightDecay: Regularizer | null;
  /** The rate, with the parameter's and its group's factors. */
  readonly learningRate: number;
  /** The accumulators of the parameter by name. */
  readonly slots: Readonly<Record<string, Parameter>>;
  /** The settings that hold for the parameter. */
  readonly settings: Settings;
}

/** The options of an optimizer whose learning rate has no default. */
export function requireRate<Options extends OptimizerOptions>(name: string, options: Options): Options {
  if ((options as OptimizerOptions | undefined)?.learningRate !== undefined) return options;
  throw new InvalidArgumentError(`${name} needs a learningRate: a number or an LRScheduler`);
}

/** The gradient with the L2 penalty added. */
export function withDecay({ parameter, gradient, decay }: ParameterUpdate<unknown>): Tensor {
  return decay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, decay));
}

/** What the engine needs for the step of a parameter. */
export function engineStep(update: ParameterUpdate<unknown>, slotNames: readonly string[] = []): VariableStep {
  const { parameter, gradient, learningRate, decay, slots } = update;
  const variables = slotNames.map((name) => slots[name]).filter((slot) => slot !== undefined);
  return { variable: parameter, gradient, slots: variables, rate: learningRate, decay };
}

/** The regulariser that a weight decay stands for. */
function toRegularizer(weightDecay: number | Regularizer | null | undefined): Regularizer | null {
  if (weightDecay === null || weightDecay === undefined) return null;
  if (typeof weightDecay === 'number') return new L2Decay(checkNumber('weightDecay', weightDecay));
  if (typeof weightDecay === 'object' && typeof weightDecay.gradient === 'function') return weightDecay;
  throw new InvalidArgumentError(
    `weightDecay must be a number, L1Decay, L2Decay or null, got ${describeValue(weightDecay)}`,
  );
}

function checkClip(gradClip: GradientClip | null | undefined): GradientClip | null {
  if (gradClip === null || gradClip === undefined || gradClip instanceof GradientClip) return gradClip ?? null;
  throw new InvalidArgumentError(
    `gradClip must be ClipGradByValue, ClipGradByNorm, ClipGradByGlobalNorm or null, got ${describeValue(gradClip)}`,
  );
}

/** A group as it is used: every setting filled in. */
interface BoundGroup<Settings> {
  readonly params: readonly Parameter[];
  readonly factor: number | undefined;
  readonly regularizer: Regularizer | null;
  /** True when the group's own penalty replaces those of its parameters. */
  readonly ownRegularizer: boolean;
  readonly clip: GradientClip | null;
  readonly settings: Settings;
}

/**
 * Changes parameters along their gradients.
 *
 * A step collects the gradients, clips them, adds the penalties, and hands each parameter to the update rule of the
 * subclass. Parameters that are not trainable or have no gradient are left alone.
 *
 * @typeParam Settings - numbers of the update rule that a group can have of its own
 */
export abstract class Optimizer<Settings extends object = object> {
  readonly #weightDecay: Regularizer | null;
  readonly #clip: GradientClip | null;
  readonly #settings: Settings;
  readonly #accumulators: Accumulators;
  #learningRate: number | LRScheduler;
  #groups: BoundGroup<Settings>[] | undefined;

  /**
   * @param accumulators - what the update rule keeps for each parameter
   * @param settings - the numbers of the update rule
   */
  protected constructor(options: OptimizerOptions, accumulators: readonly AccumulatorSpec[], settings: Settings) {
    this.#learningRate = checkLearningRate(options.learningRate ?? 0.001);
    this.#weightDecay = toRegularizer(options.weightDecay);
    this.#clip = checkClip(options.gradClip);
    this.#settings = settings;
    this.#accumulators = new Accumulators(accumulators, options.name ?? null);
    if (options.parameters != null) this.bindParameters(options.parameters);
  }

  /** Changes one parameter by the rule; called without a tape, intermediate tensors are freed. */
  protected abstract update(update: ParameterUpdate<Settings>): void;

  /** Changes parameters whose settings are the same. A rule that the engine has a kernel for does it in one go. */
  protected updateAll(updates: readonly ParameterUpdate<Settings>[]): void {
    for (const update of updates) this.update(update);
  }

  /**
   * The penalty to add to the gradient of a parameter.
   *
   * @param ofGroup - the penalty of the parameter's group
   * @param replaces - true when the group was given it for itself, and not the optimizer for all
   */
  protected penaltyOf(parameter: Parameter, ofGroup: Regularizer | null, replaces: boolean): Regularizer | null {
    return replaces ? ofGroup : (parameter.regularizer ?? ofGroup);
  }

  /** True when the optimizer knows its parameters. */
  get hasParameters(): boolean {
    return this.#groups !== undefined;
  }

  /**
   * Sets what to optimise, for an optimizer made without `parameters`.
   *
   * @throws `InvalidArgumentError` when the optimizer has parameters already, or one stands in two groups
   */
  bindParameters(parameters: readonly Parameter[] | readonly ParameterGroup[]): void {
    if (this.#groups) throw new InvalidArgumentError('the optimizer already has parameters');
    if (!Array.isArray(parameters)) {
      throw new InvalidArgumentError(`parameters must be an array, got ${describeValue(parameters)}`);
    }
    const items = parameters as readonly (Parameter | ParameterGroup)[];
    const grouped = items.length > 0 && items.every((item) => !(item instanceof Parameter));
    const groups = grouped ? (items as readonly ParameterGroup[]) : [{ params: items as readonly Parameter[] }];
    const seen = new Set<Parameter>();
    this.#groups = groups.map((group) => {
      const bound = this.#bindGroup(group);
      for (const parameter of bound.params) {
        if (!(parameter instanceof Parameter)) {
          throw new InvalidArgumentError(`parameters must hold Parameters, got ${describeValue(parameter)}`);
        }
        if (seen.has(parameter)) throw new InvalidArgumentError(`parameter ${parameter.name} is given twice`);
        seen.add(parameter);
      }
      return bound;
    });
  }

  #bindGroup(group: ParameterGroup): BoundGroup<Settings> {
    const names = ['params', 'learningRate', 'weightDecay', 'gradClip', ...Object.keys(this.#settings)];
    checkOptions('a parameter group', group, names);
    const { params, learningRate, weightDecay, gradClip, ...own } = group;
    if (!Array.isArray(params)) {
      throw new InvalidArgumentError(`params of a parameter group must be an array, got ${describeValue(params)}`);
    }
    return {
      params,
      factor: learningRate === undefined ? undefined : checkNumber('learningRate', learningRate),
      regularizer: weightDecay === undefined ? this.#weightDecay : toRegularizer(weightDecay),
      ownRegularizer: weightDecay !== undefined,
      clip: gradClip === undefined ? this.#clip : checkClip(gradClip),
      settings: { ...this.#settings, ...own },
    };
  }

  #boundGroups(): BoundGroup<Settings>[] {
    if (this.#groups) return this.#groups;
    throw new NotPreparedError(
      'the optimizer has no parameters; pass parameters: network.parameters() to its constructor, or hand it to model.prepare',
    );
  }

  /** All parameters, of all groups. */
  protected boundParameters(): Parameter[] {
    return this.#boundGroups().flatMap(({ params }) => [...params]);
  }

  /** Changes every trainable parameter that has a gradient. */
  step(): void {
    noGrad(() =>
      tf.tidy(() => {
        const rate = this.getLr();
        for (const group of this.#boundGroups()) this.#stepGroup(group, rate);
      }),
    );
  }

  #stepGroup(group: BoundGroup<Settings>, rate: number): void {
    const collected: ParameterGradient[] = [];
    for (const parameter of group.params) {
      const gradient = parameter.trainable ? parameter.grad : null;
      if (gradient) collected.push([parameter, gradient]);
    }
    this.#accumulators.create({ parameters: collected.map(([parameter]) => parameter), settings: group.settings });
    const clipped = group.clip ? group.clip.clip(collected) : collected;
    const updates = clipped.map(([parameter, gradient]): ParameterUpdate<Settings> => {
      const regularizer = this.penaltyOf(parameter, group.regularizer, group.ownRegularizer);
      // L2 decay is left to the rule, which may have it for nothing.
      const decay = regularizer instanceof L2Decay ? regularizer.coeff : 0;
      const other = regularizer instanceof L2Decay ? null : regularizer;
      return {
        parameter,
        gradient: other ? tf.add(gradient, other.gradient(parameter)) : gradient,
        decay,
        learningRate: rate * (group.factor ?? parameter.learningRate),
        weightDecay: group.regularizer,
        slots: this.#accumulators.of(parameter),
        settings: group.settings,
      };
    });
    if (updates.length > 0) this.updateAll(updates);
  }

  /**
   * Applies the gradients that `loss.backward()` has collected.
   *
   * @param _loss - accepted for compatibility
   * @returns the parameters that have a gradient, with it
   */
  minimize(_loss?: Tensor): ParameterGradient[] {
    this.step();
    return this.boundParameters().flatMap((parameter) => {
      const gradient = parameter.trainable ? parameter.grad : null;
      return gradient ? [[parameter, gradient] as const] : [];
    });
  }

  /**
   * Makes all gradients zero.
   *
   * @param setToZero - false forgets them instead, so that a parameter without a new gradient is left alone
   */
  clearGrad(setToZero = true): void {
    for (const parameter of this.boundParameters()) parameter.clearGrad(setToZero);
  }

  /** The present learning rate. */
  getLr(): number {
    return typeof this.#learningRate === 'number' ? this.#learningRate : this.#learningRate.lastLr;
  }

  /**
   * Sets the learning rate.
   *
   * @throws `InvalidArgumentError` when a schedule sets it
   */
  setLr(value: number): void {
    checkNumber('value', value);
    if (typeof this.#learningRate !== 'number') {
      throw new InvalidArgumentError('the learning rate is set by a schedule; replace it with setLrScheduler');
    }
    this.#learningRate = value;
  }

  /** Makes a schedule set the learning rate. */
  setLrScheduler(scheduler: LRScheduler): void {
    if (!(scheduler instanceof LRScheduler)) {
      throw new InvalidArgumentError(`scheduler must be an LRScheduler, got ${describeValue(scheduler)}`);
    }
    this.#learningRate = scheduler;
  }

  /** The schedule that sets the learning rate, if one does. */
  get scheduler(): LRScheduler | undefined {
    return typeof this.#learningRate === 'number' ? undefined : this.#learningRate;
  }

  /**
   * The accumulators under Paddle's names (`linear_0.w_0_velocity_0`), and the state of the schedule under
   * `LR_Scheduler`. Empty before the first step.
   */
  stateDict(): OptimizerStateDict {
    const state: OptimizerStateDict = this.#accumulators.stateDict();
    if (this.scheduler) state.LR_Scheduler = this.scheduler.stateDict();
    return state;
  }

  /**
   * Restores a saved state, also one of another process or of Paddle. Accumulators match by name, or where the
   * parameters have other names, by their order.
   *
   * @throws `InvalidArgumentError` when an accumulator or the state of the schedule is missing
   * @throws `ShapeMismatchError` naming the key and both shapes
   */
  setStateDict(state: OptimizerStateDict): void {
    const { LR_Scheduler: schedule, master_weights: _, ...accumulators } = state;
    if (this.scheduler) {
      if (schedule === null || typeof schedule !== 'object') {
        throw new InvalidArgumentError('the optimizer has a schedule, but the state holds no LR_Scheduler');
      }
      this.scheduler.setStateDict(schedule as Record<string, unknown>);
    }
    const owners = this.#boundGroups().map(({ params, settings }) => {
      return { parameters: params.filter((parameter) => parameter.trainable), settings };
    });
    this.#accumulators.load(owners, accumulators as Record<string, Tensor | NdArray>);
  }
}

function checkLearningRate(value: unknown): number | LRScheduler {
  if (value instanceof LRScheduler) return value;
  if (typeof value === 'number') return checkNumber('learningRate', value);
  throw new InvalidArgumentError(`learningRate must be a number or an LRScheduler, got ${describeValue(value)}`);
}

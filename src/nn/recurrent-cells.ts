/**
 * Cells of recurrent networks: what happens in one time step.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sameShape } from '../common/ndarray.js';
import { checkChoice, checkInteger, checkNumber, checkOptions, describeValue } from '../common/options.js';
import { relu } from './functional/activation.js';
import { checkAxes } from './functional/arguments.js';
import { linear } from './functional/common.js';
import { Constant } from './initializer/constant.js';
import { Uniform } from './initializer/random.js';
import { Layer } from './layer/layer.js';
import type { ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';

/** States of a cell: a tensor [N, ...], or a list of states. */
export type CellStates = Tensor | readonly CellStates[];

/** Shapes of states: the lengths of their axes without the batch, or a list of shapes. */
export type StateShape = readonly number[] | readonly StateShape[];

/** One time step: what goes in and the states before give the output and the states after. */
export type Step<States extends CellStates> = (inputs: Tensor, states: States) => [outputs: Tensor, states: States];

/** Calls a function for each tensor of states that are built alike. */
export function mapStates<Tensors extends Tensor[]>(
  fn: (...tensors: Tensors) => Tensor,
  ...states: readonly CellStates[]
): CellStates {
  const lists = states as readonly (readonly CellStates[])[];
  if (!Array.isArray(lists[0])) return fn(...(states as Tensors));
  return lists[0].map((_, index) => mapStates(fn, ...(lists.map((list) => list[index]) as CellStates[])));
}

/** Options of {@link RNNCellBase.getInitialStates}. */
export interface InitialStatesOptions {
  /** Shapes of the states; a first length of -1 stands for the batch and may be left out. @defaultValue `stateShape` */
  readonly shape?: StateShape | null;
  /** Element type. @defaultValue 'float32' */
  readonly dtype?: 'float32' | 'int32' | 'bool' | null;
  /** Value of all elements. @defaultValue 0 */
  readonly initValue?: number;
  /** Axis of `batchRef` that is the batch. @defaultValue 0 */
  readonly batchDimIdx?: number;
}

/**
 * Base of all cells. A cell of one's own has a `stateShape`, and a `forward` that takes the inputs of one time step and the
 * states before it, and gives the outputs and the states after it.
 *
 * @typeParam States - the cell's states: a tensor, or a list
 *
 * @example
 * ```ts
 * class Sum extends nn.RNNCellBase<Tensor> {
 *   override get stateShape() {
 *     return [4];
 *   }
 *   override forward(inputs: Tensor, states: Tensor | null = null): [Tensor, Tensor] {
 *     const sum = tf.add(inputs, states ?? this.getInitialStates(inputs));
 *     return [sum, sum];
 *   }
 * }
 * ```
 */
export class RNNCellBase<States extends CellStates = CellStates> extends Layer<
  [inputs: Tensor, states?: States | null],
  [outputs: Tensor, states: States]
> {
  /** Features of the inputs, where the cell tells them. */
  declare readonly inputSize?: number;

  /**
   * Shapes of the states without the batch, such as `[hiddenSize]`.
   *
   * @throws `InvalidArgumentError` where the class does not define it
   */
  get stateShape(): StateShape {
    throw new InvalidArgumentError(`${this.constructor.name} must define stateShape`);
  }

  /**
   * States to begin with, all of one value.
   *
   * @param batchRef - a tensor that has the batch among its axes
   */
  getInitialStates(batchRef: Tensor, options: InitialStatesOptions = {}): States {
    checkOptions('getInitialStates', options, ['shape', 'dtype', 'initValue', 'batchDimIdx']);
    const value = checkNumber('initValue', options.initValue ?? 0);
    const dtype = checkChoice('dtype', options.dtype ?? 'float32', ['float32', 'int32', 'bool']);
    const batch = batchRef.shape[checkInteger('batchDimIdx', options.batchDimIdx ?? 0, 0)];
    if (batch === undefined) {
      throw new InvalidArgumentError(
        `batchDimIdx must be an axis of batchRef [${batchRef.shape.join(', ')}], got ${options.batchDimIdx}`,
      );
    }
    const filled = (shape: StateShape): CellStates =>
      isShape(shape)
        ? tf.fill([batch, ...(shape[0] === -1 ? shape.slice(1) : shape)], value, dtype)
        : shape.map(filled);
    return filled(options.shape ?? this.stateShape) as States;
  }
}

const isShape = (shape: StateShape): shape is readonly number[] => shape.every((length) => typeof length === 'number');

/** Attributes of the parameters of a cell. */
export interface CellAttributes {
  /** Attributes of the weights of the inputs; false for ones that stay. @defaultValue U(-1/√hidden, 1/√hidden) */
  readonly weightIhAttr?: ParamAttrLike;
  /** Attributes of the weights of the states; false for ones that stay. @defaultValue U(-1/√hidden, 1/√hidden) */
  readonly weightHhAttr?: ParamAttrLike;
  /** Attributes of the bias beside the inputs; false for zeros that stay. @defaultValue U(-1/√hidden, 1/√hidden) */
  readonly biasIhAttr?: ParamAttrLike;
  /** Attributes of the bias beside the states; false for zeros that stay. @defaultValue U(-1/√hidden, 1/√hidden) */
  readonly biasHhAttr?: ParamAttrLike;
  /** Accepted for compatibility, without effect. @defaultValue null */
  readonly name?: string | null;
}

/** Names of {@link CellAttributes}. */
export const attributeNames = ['weightIhAttr', 'weightHhAttr', 'biasIhAttr', 'biasHhAttr', 'name'] as const;

/** Options of {@link SimpleRNNCell}. */
export interface SimpleRNNCellOptions extends CellAttributes {
  /** Activation. @defaultValue 'tanh' */
  readonly activation?: 'tanh' | 'relu';
}

/** Options of {@link LSTMCell}. */
export interface LSTMCellOptions extends CellAttributes {
  /** Features that the hidden state is projected to, less than `hiddenSize`; 0 for no projection. @defaultValue 0 */
  readonly projSize?: number;
}

/** What the cells of this package share: maps of the inputs and of the hidden state to one or more gates. */
export abstract class GatedCell<States extends CellStates> extends RNNCellBase<States> {
  /** [gates * hidden, in]. */
  weight_ih: Parameter;
  /** [gates * hidden, features of the hidden state]. */
  weight_hh: Parameter;
  /** [gates * hidden]. */
  bias_ih: Parameter;
  /** [gates * hidden]. */
  bias_hh: Parameter;
  /** Features of the inputs. */
  override readonly inputSize: number;
  /** Features of a gate. */
  readonly hiddenSize: number;

  protected constructor(
    inputSize: number,
    hiddenSize: number,
    options: CellAttributes,
    { gates, hiddenFeatures = hiddenSize }: { readonly gates: number; readonly hiddenFeatures?: number },
  ) {
    super();
    this.inputSize = checkInteger('inputSize', inputSize, 0);
    this.hiddenSize = checkInteger('hiddenSize', hiddenSize, 1);
    this.weight_ih = this.parameterOf([gates * hiddenSize, inputSize], options.weightIhAttr);
    this.weight_hh = this.parameterOf([gates * hiddenSize, hiddenFeatures], options.weightHhAttr);
    this.bias_ih = this.parameterOf([gates * hiddenSize], options.biasIhAttr);
    this.bias_hh = this.parameterOf([gates * hiddenSize], options.biasHhAttr);
  }

  /** A parameter of uniform values; where the attributes are false, weights of one or a bias of zero that are not trained. */
  protected parameterOf(shape: readonly number[], attr: ParamAttrLike | undefined): Parameter {
    const isBias = shape.length === 1;
    const limit = 1 / Math.sqrt(this.hiddenSize);
    const defaultInitializer = new Uniform({ low: -limit, high: limit });
    const parameter = this.createParameter(shape, { attr, isBias, defaultInitializer });
    if (parameter !== null) return parameter;
    const constant = this.createParameter(shape, { isBias, defaultInitializer: new Constant(isBias ? 0 : 1) });
    constant.trainable = false;
    return constant;
  }

  /** The part of the gates that comes from inputs [..., in]. @internal */
  project(inputs: Tensor): Tensor {
    return linear(inputs, tf.transpose(this.weight_ih), { bias: this.bias_ih });
  }

  /** A function that takes {@link project}ed inputs of one time step. @internal */
  abstract recurrence(): Step<States>;

  /** A map of the hidden state to its part of the gates. */
  protected hiddenMap(): (hidden: Tensor) => Tensor {
    const weight = tf.transpose(this.weight_hh);
    return (hidden) => linear(hidden, weight, { bias: this.bias_hh });
  }

  /**
   * One time step.
   *
   * @param inputs - [N, inputSize]
   * @param states - the states before. @defaultValue zeros
   * @returns the outputs [N, features of the hidden state] and the states after
   */
  override forward(inputs: Tensor, states: States | null = null): [outputs: Tensor, states: States] {
    const where = this.constructor.name;
    checkAxes(where, 'inputs', inputs, [2]);
    checkFeatures(where, inputs, this.inputSize);
    if (states !== null) this.#checkStates(states, inputs.shape[0] ?? 0);
    return this.recurrence()(this.project(inputs), states ?? this.getInitialStates(inputs));
  }

  /** {@link stateShape} as a list, also for a cell of one state. @internal */
  stateShapes(): readonly (readonly number[])[] {
    const shape = this.stateShape;
    return (isShape(shape) ? [shape] : shape) as readonly (readonly number[])[];
  }

  #checkStates(states: States, batch: number): void {
    const shapes = this.stateShapes().map((shape) => [batch, ...shape]);
    checkStates(this.constructor.name, 'states', states, shapes);
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}`;
  }
}

/** Throws unless inputs have as many features as a layer takes. */
export function checkFeatures(where: string, inputs: Tensor, features: number): void {
  if (inputs.shape.at(-1) === features) return;
  throw new ShapeMismatchError(
    `${where} takes inputs of ${features} features in the last axis, got shape [${inputs.shape.join(', ')}]`,
  );
}

/** Throws unless states are one tensor of the one shape, or as many tensors as there are shapes. */
export function checkStates(
  where: string,
  name: string,
  states: CellStates,
  shapes: readonly (readonly number[])[],
): void {
  const given: readonly unknown[] = shapes.length === 1 ? [states] : Array.isArray(states) ? states : [];
  const fits = shapes.every((shape, index) => {
    const state = given[index];
    return state instanceof tf.Tensor && sameShape((state as Tensor).shape, shape);
  });
  if (fits && given.length === shapes.length) return;
  throw new ShapeMismatchError(
    `${where} takes ${name} of shape ${shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ')}, got ${describeValue(states)}`,
  );
}

/**
 * Cell of a {@link SimpleRNN} (Elman, 1990): `h = act(W_ih x + b_ih + W_hh h' + b_hh)`, where `h'` is the state before.
 *
 * State: `weight_ih` [hidden, in], `weight_hh` [hidden, hidden], `bias_ih` and `bias_hh` [hidden].
 */
export class SimpleRNNCell extends GatedCell<Tensor> {
  /** Activation. */
  readonly activation: 'tanh' | 'relu';

  /**
   * @param inputSize - features of the inputs
   * @param hiddenSize - features of the state
   */
  constructor(inputSize: number, hiddenSize: number, options: SimpleRNNCellOptions = {}) {
    checkOptions('SimpleRNNCell', options, ['activation', ...attributeNames]);
    super(inputSize, hiddenSize, options, { gates: 1 });
    this.activation = checkChoice('activation', options.activation ?? 'tanh', ['tanh', 'relu']);
  }

  override get stateShape(): readonly number[] {
    return [this.hiddenSize];
  }

  /** @internal */
  override recurrence(): Step<Tensor> {
    const fromHidden = this.hiddenMap();
    const activate = this.activation === 'tanh' ? tf.tanh<Tensor> : relu;
    return (projected, states) => {
      const hidden = activate(tf.add(projected, fromHidden(states)));
      return [hidden, hidden];
    };
  }

  /** What the printed form shows between the brackets of the layer's own line. */
  override extraRepr(): string {
    return super.extraRepr() + (this.activation === 'tanh' ? '' : `, activation=${this.activation}`);
  }
}

/**
 * Cell of an {@link LSTM} (Hochreiter and Schmidhuber, 1997; Gers et al., 2000). With the gates i, f, g and o, the four parts
 * of `W_ih x + b_ih + W_hh h' + b_hh`, and the states `h'` and `c'` before:
 * `c = σ(f) c' + σ(i) tanh(g)`, `h = σ(o) tanh(c)`, and `h W_ho` with a projection (Sak et al., 2014).
 *
 * State: `weight_ih` [4 hidden, in], `weight_hh` [4 hidden, hidden or proj], `bias_ih` and `bias_hh` [4 hidden], and
 * `weight_ho` [hidden, proj] with a projection.
 */
export class LSTMCell extends GatedCell<readonly [h: Tensor, c: Tensor]> {
  /** Features that the hidden state is projected to, or 0. */
  readonly projSize: number;
  /** [hidden, proj], where there is a projection. */
  declare weight_ho?: Parameter;

  /**
   * @param inputSize - features of the inputs
   * @param hiddenSize - features of the states
   */
  constructor(inputSize: number, hiddenSize: number, options: LSTMCellOptions = {}) {
    checkOptions('LSTMCell', options, ['projSize', ...attributeNames]);
    const projSize = checkInteger('projSize', options.projSize ?? 0, 0);
    if (projSize > 0 && projSize >= hiddenSize) {
      throw new InvalidArgumentError(`projSize must be smaller than hiddenSize ${hiddenSize}, got ${projSize}`);
    }
    super(inputSize, hiddenSize, options, { gates: 4, hiddenFeatures: projSize || hiddenSize });
    this.projSize = projSize;
    if (projSize > 0) this.weight_ho = this.parameterOf([hiddenSize, projSize], options.weightHhAttr);
  }

  /** Shapes of h and c. */
  override get stateShape(): readonly (readonly number[])[] {
    return [[this.projSize || this.hiddenSize], [this.hiddenSize]];
  }

  /** @internal */
  override recurrence(): Step<readonly [h: Tensor, c: Tensor]> {
    const fromHidden = this.hiddenMap();
    return (projected, [previousHidden, previousCell]) => {
      const gates = tf.split(tf.add(projected, fromHidden(previousHidden)), 4, 1);
      const [input, forget, candidate, output] = gates as [Tensor, Tensor, Tensor, Tensor];
      const kept = tf.mul(tf.sigmoid(forget), previousCell);
      const cell = tf.add(kept, tf.mul(tf.sigmoid(input), tf.tanh(candidate)));
      const full = tf.mul(tf.sigmoid(output), tf.tanh(cell));
      const hidden = this.weight_ho ? linear(full, this.weight_ho) : full;
      return [hidden, [hidden, cell]];
    };
  }
}

/**
 * Cell of a {@link GRU} (Cho et al., 2014), with the reset gate after the matrix product as in cuDNN. With r, z and c, the
 * three parts of `x_ = W_ih x + b_ih` and `h_ = W_hh h' + b_hh`, and the state `h'` before:
 * `c = tanh(x_c + σ(x_r + h_r) h_c)`, `h = σ(x_z + h_z) (h' - c) + c`.
 *
 * State: `weight_ih` [3 hidden, in], `weight_hh` [3 hidden, hidden], `bias_ih` and `bias_hh` [3 hidden].
 */
export class GRUCell extends GatedCell<Tensor> {
  /**
   * @param inputSize - features of the inputs
   * @param hiddenSize - features of the state
   */
  constructor(inputSize: number, hiddenSize: number, options: CellAttributes = {}) {
    checkOptions('GRUCell', options, attributeNames);
    super(inputSize, hiddenSize, options, { gates: 3 });
  }

  override get stateShape(): readonly number[] {
    return [this.hiddenSize];
  }

  /** @internal */
  override recurrence(): Step<Tensor> {
    const fromHidden = this.hiddenMap();
    const parts = (gates: Tensor) => tf.split(gates, 3, 1) as [Tensor, Tensor, Tensor];
    return (projected, states) => {
      const [inputReset, inputUpdate, inputCandidate] = parts(projected);
      const [hiddenReset, hiddenUpdate, hiddenCandidate] = parts(fromHidden(states));
      const reset = tf.sigmoid(tf.add(inputReset, hiddenReset));
      const update = tf.sigmoid(tf.add(inputUpdate, hiddenUpdate));
      const candidate = tf.tanh(tf.add(inputCandidate, tf.mul(reset, hiddenCandidate)));
      const hidden = tf.add(tf.mul(tf.sub(states, candidate), update), candidate);
      return [hidden, hidden];
    };
  }
}

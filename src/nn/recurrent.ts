/**
 * Recurrent networks over whole sequences.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { inScope } from '../autograd/tape.js';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sameShape } from '../common/ndarray.js';
import {
  checkBoolean,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  describeValue,
} from '../common/options.js';
import { checkAxes } from './functional/arguments.js';
import { dropout } from './functional/common.js';
import { sequenceMask } from './functional/embedding.js';
import { LayerList } from './layer/containers.js';
import { Layer } from './layer/layer.js';
import type { Parameter } from './parameter.js';
import {
  attributeNames,
  checkFeatures,
  checkStates,
  GRUCell,
  LSTMCell,
  mapStates,
  RNNCellBase,
  SimpleRNNCell,
  type CellAttributes,
  type CellStates,
  type GatedCell,
  type Step,
} from './recurrent-cells.js';

/** How a sequence is walked through. */
interface Walk {
  readonly sequenceLength: Tensor | null;
  readonly timeMajor: boolean;
  readonly isReverse?: boolean;
}

/** Booleans [N, T]: true for time steps within a sequence. Null without lengths. */
function maskOf(inputs: Tensor, { sequenceLength, timeMajor }: Walk): Tensor | null {
  if (sequenceLength === null) return null;
  const [batch = 0, steps = 0] = timeMajor ? [inputs.shape[1], inputs.shape[0]] : inputs.shape;
  if (!(sequenceLength instanceof tf.Tensor) || !sameShape(sequenceLength.shape, [batch])) {
    throw new ShapeMismatchError(
      `sequenceLength must be a tensor of shape [${batch}], one length for each sequence, got ${describeValue(sequenceLength)}`,
    );
  }
  return sequenceMask(sequenceLength, { maxlen: steps, dtype: 'bool' });
}

/** States after a time step within a sequence, those before it elsewhere. @param within - booleans [N] */
function choose<States extends CellStates>(within: Tensor, after: States, before: States): States {
  const one = (a: Tensor, b: Tensor) => tf.where(tf.reshape(within, [-1, ...a.shape.slice(1).map(() => 1)]), a, b);
  return mapStates(one, after, before) as States;
}

/** Outputs of all time steps, stacked, and the states after the last; states stay as they are beyond a sequence's end. */
function unroll<States extends CellStates>(
  step: Step<States>,
  inputs: Tensor,
  initialStates: States,
  walk: Walk,
): [outputs: Tensor, states: States] {
  const axis = walk.timeMajor ? 0 : 1;
  const slices = tf.unstack(inputs, axis);
  const mask = maskOf(inputs, walk);
  const masks = mask && tf.unstack(mask, 1);
  const outputs = new Array<Tensor>(slices.length);
  let states = initialStates;
  const order = [...slices.entries()];
  for (const [time, slice] of walk.isReverse ? order.reverse() : order) {
    const before = states;
    [outputs[time], states] = inScope(() => {
      const [output, after] = step(slice, before);
      const within = masks?.[time];
      return [output, within ? choose(within, after, before) : after];
    });
  }
  return [tf.stack(outputs, axis), states];
}

/** Throws unless inputs have a batch, time steps and features. */
function checkSequences(where: string, inputs: Tensor, timeMajor: boolean): void {
  if (inputs.rank < 2) checkAxes(where, 'inputs', inputs, [3]);
  if ((inputs.shape[timeMajor ? 0 : 1] ?? 0) > 0) return;
  throw new ShapeMismatchError(
    `${where} takes inputs of at least one time step, got shape [${inputs.shape.join(', ')}]`,
  );
}

function checkCell<Cell>(name: string, cell: Cell): Cell {
  if (cell instanceof RNNCellBase) return cell;
  throw new InvalidArgumentError(`${name} must be an RNNCellBase, got ${describeValue(cell)}`);
}

/** Walks through sequences with the `forward` of a cell. */
function unrollCell<States extends CellStates>(
  cell: RNNCellBase<States>,
  inputs: Tensor,
  initialStates: States | null | undefined,
  walk: Walk,
): [outputs: Tensor, states: States] {
  const states = initialStates ?? cell.getInitialStates(inputs, { batchDimIdx: walk.timeMajor ? 1 : 0 });
  return unroll((step, before) => cell.forward(step, before), inputs, states, walk);
}

/** Options of {@link BiRNN}. */
export interface BiRNNOptions {
  /** Inputs and outputs are [T, N, ...], not [N, T, ...]. @defaultValue false */
  readonly timeMajor?: boolean;
}

/** Options of {@link RNN}. */
export interface RNNOptions extends BiRNNOptions {
  /** Walk from the last time step to the first. @defaultValue false */
  readonly isReverse?: boolean;
}

/**
 * Walks through sequences with a cell.
 *
 * Beyond a sequence's end, as `sequenceLength` tells it, the states stay as they are; the outputs there are what the cell
 * gives for the padding.
 *
 * @typeParam States - the cell's states
 */
export class RNN<States extends CellStates = CellStates> extends Layer<
  [inputs: Tensor, initialStates?: States | null, sequenceLength?: Tensor | null],
  [outputs: Tensor, finalStates: States]
> {
  /** The cell. */
  cell: RNNCellBase<States>;

  readonly #walk: Required<RNNOptions>;

  /** @param cell - what happens in one time step */
  constructor(cell: RNNCellBase<States>, options: RNNOptions = {}) {
    super();
    checkOptions('RNN', options, ['isReverse', 'timeMajor']);
    this.cell = checkCell('cell', cell);
    this.#walk = {
      isReverse: checkBoolean('isReverse', options.isReverse ?? false),
      timeMajor: checkBoolean('timeMajor', options.timeMajor ?? false),
    };
  }

  /**
   * @param inputs - [N, T, ...]; [T, N, ...] with `timeMajor`
   * @param initialStates - states of the cell. @defaultValue `cell.getInitialStates`
   * @param sequenceLength - length of each sequence, [N]. @defaultValue T for all
   * @returns the outputs [N, T, ...], or [T, N, ...], and the cell's states after the last time step
   * @throws `ShapeMismatchError` without time steps, and for other shapes of `sequenceLength`
   */
  override forward(
    inputs: Tensor,
    initialStates: States | null = null,
    sequenceLength: Tensor | null = null,
  ): [outputs: Tensor, finalStates: States] {
    checkSequences('RNN', inputs, this.#walk.timeMajor);
    return unrollCell(this.cell, inputs, initialStates, { ...this.#walk, sequenceLength });
  }
}

/**
 * Walks through sequences with one cell from the first time step to the last, and with another one from the last to the
 * first, and joins the outputs along their last axis. See {@link RNN} for what lies beyond a sequence's end.
 *
 * @typeParam States - states of each cell
 */
export class BiRNN<States extends CellStates = CellStates> extends Layer<
  [inputs: Tensor, initialStates?: readonly [States, States] | null, sequenceLength?: Tensor | null],
  [outputs: Tensor, finalStates: [forward: States, backward: States]]
> {
  /** The cell that walks to the last time step. */
  cell_fw: RNNCellBase<States>;
  /** The cell that walks to the first time step. */
  cell_bw: RNNCellBase<States>;

  readonly #timeMajor: boolean;

  /**
   * @param cellFw - walks to the last time step
   * @param cellBw - walks to the first one; takes inputs of the same size
   */
  constructor(cellFw: RNNCellBase<States>, cellBw: RNNCellBase<States>, options: BiRNNOptions = {}) {
    super();
    checkOptions('BiRNN', options, ['timeMajor']);
    this.cell_fw = checkCell('cellFw', cellFw);
    this.cell_bw = checkCell('cellBw', cellBw);
    this.#timeMajor = checkBoolean('timeMajor', options.timeMajor ?? false);
    if (cellFw.inputSize !== cellBw.inputSize) {
      throw new InvalidArgumentError(
        `cellFw and cellBw must take inputs of one size, got ${cellFw.inputSize} and ${cellBw.inputSize}`,
      );
    }
  }

  /**
   * @param inputs - [N, T, ...]; [T, N, ...] with `timeMajor`
   * @param initialStates - states of both cells. @defaultValue their `getInitialStates`
   * @param sequenceLength - length of each sequence, [N]. @defaultValue T for all
   * @returns the outputs [N, T, ...], or [T, N, ...], and the final states of both cells
   * @throws `ShapeMismatchError` without time steps, and for other shapes of `sequenceLength`
   */
  override forward(
    inputs: Tensor,
    initialStates: readonly [States, States] | null = null,
    sequenceLength: Tensor | null = null,
  ): [outputs: Tensor, finalStates: [forward: States, backward: States]] {
    checkSequences('BiRNN', inputs, this.#timeMajor);
    if (initialStates !== null && (!Array.isArray(initialStates) || initialStates.length !== 2)) {
      throw new InvalidArgumentError(
        `initialStates must be a list of the states of both cells, got ${describeValue(initialStates)}`,
      );
    }
    const walk = { sequenceLength, timeMajor: this.#timeMajor };
    const [forward, last] = unrollCell(this.cell_fw, inputs, initialStates?.[0], walk);
    const [backward, first] = unrollCell(this.cell_bw, inputs, initialStates?.[1], { ...walk, isReverse: true });
    return [tf.concat([forward, backward], -1), [last, first]];
  }
}

/** Options of {@link GRU}. */
export interface RecurrentOptions extends CellAttributes {
  /** Number of layers; each takes the outputs of the one before. @defaultValue 1 */
  readonly numLayers?: number;
  /** 'bidirect' (also 'bidirectional') walks in both directions and joins the outputs. @defaultValue 'forward' */
  readonly direction?: 'forward' | 'bidirect' | 'bidirectional';
  /** Inputs and outputs are [T, N, features], not [N, T, features]. @defaultValue false */
  readonly timeMajor?: boolean;
  /** Probability of dropping an input of each layer but the first, in training. @defaultValue 0 */
  readonly dropout?: number;
}

/** Options of {@link SimpleRNN}. */
export interface SimpleRNNOptions extends RecurrentOptions {
  /** Activation. @defaultValue 'tanh' */
  readonly activation?: 'tanh' | 'relu';
}

/** Options of {@link LSTM}. */
export interface LSTMOptions extends RecurrentOptions {
  /** Features that hidden states are projected to, less than `hiddenSize`; 0 for no projection. @defaultValue 0 */
  readonly projSize?: number;
}

const recurrentOptionNames = ['numLayers', 'direction', 'timeMajor', 'dropout', ...attributeNames] as const;

type ParameterName = `${'weight' | 'bias'}_${'ih' | 'hh'}_l${string}`;

/**
 * Layers of recurrent cells, one after the other: what {@link SimpleRNN}, {@link LSTM} and {@link GRU} share. It computes as
 * one layer: the `forward` of the cells, and their hooks, are not called.
 */
export abstract class RNNBase<States extends Tensor | readonly [Tensor, Tensor]> extends LayerList<
  [inputs: Tensor, initialStates?: States | null, sequenceLength?: Tensor | null],
  [outputs: Tensor, finalStates: States]
> {
  /** Features of the inputs. */
  readonly inputSize: number;
  /** Features of the states. */
  readonly hiddenSize: number;
  /** Number of layers. */
  readonly numLayers: number;
  /** 2 where both directions are walked, else 1. */
  readonly numDirections: 1 | 2;
  /** Whether inputs and outputs are [T, N, features]. */
  readonly timeMajor: boolean;
  /** Probability of dropping an input of each layer but the first. */
  dropout: number;
  /** Features that hidden states are projected to, or 0. */
  readonly projSize: number;
  /** A parameter of a cell, under the name that it has in the state dict. */
  readonly [name: ParameterName]: Parameter;

  // The cells of each layer: one, or forward and backward.
  readonly #cells: GatedCell<States>[][] = [];

  protected constructor(
    inputSize: number,
    hiddenSize: number,
    options: LSTMOptions,
    makeCell: (inputSize: number) => GatedCell<States>,
  ) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = checkInteger('numLayers', options.numLayers ?? 1, 1);
    const directions = ['forward', 'bidirect', 'bidirectional'] as const;
    this.numDirections = checkChoice('direction', options.direction ?? 'forward', directions) === 'forward' ? 1 : 2;
    this.timeMajor = checkBoolean('timeMajor', options.timeMajor ?? false);
    this.dropout = checkNumber('dropout', options.dropout ?? 0, 0, 1);
    this.projSize = options.projSize ?? 0;
    const { numDirections, timeMajor } = this;
    for (let index = 0; index < this.numLayers; index++) {
      const features = index === 0 ? inputSize : numDirections * (this.projSize || hiddenSize);
      const cells = Array.from({ length: numDirections }, () => makeCell(features));
      const [forward, backward] = cells as [GatedCell<States>, GatedCell<States>?];
      this.append(backward ? new BiRNN(forward, backward, { timeMajor }) : new RNN(forward, { timeMajor }));
      this.#cells.push(cells);
    }
    this.#nameParameters(options);
  }

  /**
   * Gives the parameters of the cells names of their own, as Paddle does: the first name to the first parameter and so on,
   * also where a cell has more or fewer parameters than names, as with a projection and without a bias.
   */
  #nameParameters({ biasIhAttr, biasHhAttr }: CellAttributes): void {
    const kinds = ['weight_ih', 'weight_hh'];
    if (biasIhAttr !== false) kinds.push('bias_ih');
    if (biasHhAttr !== false) kinds.push('bias_hh');
    const names = this.#cells.flatMap((cells, layer) =>
      ['', '_reverse'].slice(0, cells.length).flatMap((suffix) => kinds.map((kind) => `${kind}_l${layer}${suffix}`)),
    );
    this.parameters().forEach((parameter, index) => {
      const name = names[index];
      if (name !== undefined) this.addParameter(name, parameter);
    });
  }

  /**
   * @param inputs - [N, T, inputSize]; [T, N, inputSize] with `timeMajor`
   * @param initialStates - states of all cells, stacked: [numLayers * numDirections, N, features], those of layer 0 forward,
   * layer 0 backward, layer 1 forward and so on. @defaultValue zeros
   * @param sequenceLength - length of each sequence, [N]. States stay as they are beyond it; outputs are 0 there, and with
   * a projection what the cell gives for the padding. @defaultValue T for all
   * @returns the outputs [N, T, numDirections * features], or [T, N, ...], and the final states, shaped as the initial ones
   * @throws `ShapeMismatchError` for other shapes, and without time steps
   */
  override forward(
    inputs: Tensor,
    initialStates: States | null = null,
    sequenceLength: Tensor | null = null,
  ): [outputs: Tensor, finalStates: States] {
    const where = this.constructor.name;
    checkAxes(where, 'inputs', inputs, [3]);
    checkFeatures(where, inputs, this.inputSize);
    checkSequences(where, inputs, this.timeMajor);
    if (initialStates !== null) this.#checkStates(inputs, initialStates);
    const walk: Walk = { sequenceLength, timeMajor: this.timeMajor };
    const finalStates: States[] = [];
    let outputs = inputs;
    for (const [layer, cells] of this.#cells.entries()) {
      const given = layer === 0 ? inputs : dropout(outputs, { p: this.dropout, training: this.training });
      const runs = cells.map((cell, direction) => {
        const states = initialStates
          ? statesAt(initialStates, finalStates.length + direction)
          : cell.getInitialStates(inputs, { batchDimIdx: this.timeMajor ? 1 : 0 });
        return unroll(cell.recurrence(), cell.project(given), states, { ...walk, isReverse: direction === 1 });
      });
      finalStates.push(...runs.map(([, states]) => states));
      const directions = runs.map(([output]) => output);
      outputs = tf.concat(directions, 2);
    }
    return [this.projSize === 0 ? withoutPadding(outputs, walk) : outputs, stackStates(finalStates)];
  }

  #checkStates(inputs: Tensor, initialStates: States): void {
    const batch = inputs.shape[this.timeMajor ? 1 : 0] ?? 0;
    const shapes = this.#cells[0]?.[0]?.stateShapes() ?? [];
    const stacked = shapes.map((shape) => [this.numLayers * this.numDirections, batch, ...shape]);
    checkStates(this.constructor.name, 'initialStates', initialStates, stacked);
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`);
    if (this.timeMajor) parts.push('time_major=True');
    if (this.dropout !== 0) parts.push(`dropout=${this.dropout}`);
    return parts.join(', ');
  }
}

/** States of several cells, stacked along a new first axis. */
function stackStates<States extends CellStates>(states: readonly States[]): States {
  return mapStates((...tensors) => tf.stack(tensors), ...states) as States;
}

/** The states of one cell out of stacked ones. */
function statesAt<States extends CellStates>(states: States, index: number): States {
  const one = (state: Tensor) => tf.squeeze(tf.slice(state, index, 1), [0]);
  return mapStates(one, states) as States;
}

/** Outputs that are 0 beyond the end of each sequence. */
function withoutPadding(outputs: Tensor, walk: Walk): Tensor {
  const mask = maskOf(outputs, walk);
  if (mask === null) return outputs;
  const within = tf.expandDims(walk.timeMajor ? tf.transpose(mask) : mask, 2);
  return tf.where(within, outputs, tf.zerosLike(outputs));
}

/**
 * Recurrent network of {@link SimpleRNNCell}s.
 *
 * State: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, for further layers `l1` and so on, for the way back
 * `l0_reverse`; and the same parameters under the names of the cells, such as `0.cell.weight_ih`.
 *
 * @example
 * ```ts
 * const [outputs, states] = new nn.SimpleRNN(16, 32, { numLayers: 2 }).forward(tf.zeros([4, 23, 16]));
 * outputs.shape; // [4, 23, 32]
 * states.shape; // [2, 4, 32]
 * ```
 */
export class SimpleRNN extends RNNBase<Tensor> {
  /** Activation. */
  readonly activation: 'tanh' | 'relu';

  /**
   * @param inputSize - features of the inputs
   * @param hiddenSize - features of the states
   */
  constructor(inputSize: number, hiddenSize: number, options: SimpleRNNOptions = {}) {
    checkOptions('SimpleRNN', options, ['activation', ...recurrentOptionNames]);
    const { activation = 'tanh' } = options;
    const attributes = attributesOf(options);
    super(inputSize, hiddenSize, options, (size) => new SimpleRNNCell(size, hiddenSize, { ...attributes, activation }));
    this.activation = activation;
  }
}

/**
 * Recurrent network of {@link LSTMCell}s; its states are the pair of h and c.
 *
 * State: as {@link SimpleRNN}. With a projection and several layers the names `..._l1` belong to other parameters than they
 * say, as in Paddle; those of the cells are right.
 *
 * @example
 * ```ts
 * const [outputs, [h, c]] = new nn.LSTM(16, 32, { direction: 'bidirect' }).forward(tf.zeros([4, 23, 16]));
 * outputs.shape; // [4, 23, 64]
 * h.shape; // [2, 4, 32]
 * ```
 */
export class LSTM extends RNNBase<readonly [h: Tensor, c: Tensor]> {
  /**
   * @param inputSize - features of the inputs
   * @param hiddenSize - features of the states
   */
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    checkOptions('LSTM', options, ['projSize', ...recurrentOptionNames]);
    const { projSize = 0 } = options;
    const attributes = attributesOf(options);
    super(inputSize, hiddenSize, options, (size) => new LSTMCell(size, hiddenSize, { ...attributes, projSize }));
  }
}

/**
 * Recurrent network of {@link GRUCell}s.
 *
 * State: as {@link SimpleRNN}.
 */
export class GRU extends RNNBase<Tensor> {
  /**
   * @param inputSize - features of the inputs
   * @param hiddenSize - features of the states
   */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    checkOptions('GRU', options, recurrentOptionNames);
    const attributes = attributesOf(options);
    super(inputSize, hiddenSize, options, (size) => new GRUCell(size, hiddenSize, attributes));
  }
}

/** The options that a cell takes, too. */
function attributesOf({ weightIhAttr, weightHhAttr, biasIhAttr, biasHhAttr }: CellAttributes): CellAttributes {
  return { weightIhAttr, weightHhAttr, biasIhAttr, biasHhAttr };
}

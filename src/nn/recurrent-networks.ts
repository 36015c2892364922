/**
 * Recurrent networks of one or several layers.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkOptions } from '../common/options.js';
import { checkAxes } from './functional/arguments.js';
import { dropout } from './functional/common.js';
import { LayerList } from './layer/containers.js';
import type { Parameter } from './parameter.js';
import { BiRNN, checkSequences, maskOf, RNN, unroll, type Walk } from './recurrent.js';
import {
  attributeNames,
  checkFeatures,
  checkStates,
  GRUCell,
  LSTMCell,
  mapStates,
  SimpleRNNCell,
  type CellAttributes,
  type CellStates,
  type GatedCell,
} from './recurrent-cells.js';

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

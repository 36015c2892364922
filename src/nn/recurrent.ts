/**
 * Walks through sequences with recurrent cells.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { inScope } from '../autograd/tape.js';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sameShape } from '../common/ndarray.js';
import { checkBoolean, checkOptions, describeValue } from '../common/options.js';
import { checkAxes } from './functional/arguments.js';
import { sequenceMask } from './functional/embedding.js';
import { Layer } from './layer/layer.js';
import { mapStates, RNNCellBase, type CellStates, type Step } from './recurrent-cells.js';

/** How a sequence is walked through. */
export interface Walk {
  readonly sequenceLength: Tensor | null;
  readonly timeMajor: boolean;
  readonly isReverse?: boolean;
}

/** Booleans [N, T]: true for time steps within a sequence. Null without lengths. */
export function maskOf(inputs: Tensor, { sequenceLength, timeMajor }: Walk): Tensor | null {
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
export function unroll<States extends CellStates>(
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
export function checkSequences(where: string, inputs: Tensor, timeMajor: boolean): void {
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

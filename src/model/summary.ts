/**
 * A table of a network's layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkOptions, describeValue } from '../common/options.js';
import { Layer, type AnyLayer } from '../nn/layer/layer.js';
import { LayerList, Sequential } from '../nn/layer/containers.js';
import { RNNBase } from '../nn/recurrent-networks.js';
import { isTensor, traceForward } from './forward-trace.js';
import {
  countElements,
  makeInput,
  readInputSize,
  type InputDType,
  type InputShape,
  type InputSize,
} from './input-size.js';
import { InputSpec } from './input-spec.js';
import { centre, shapeText, withCommas, type Shapes } from './table.js';

/** Inputs of a network: tensors, arrays or plain objects of them. */
export type SummaryInput = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** Options of {@link summary}. */
export interface SummaryOptions {
  /** Sizes of the inputs; needed without `input`. @defaultValue null */
  readonly inputSize?: InputSize | null;
  /** Element type of the inputs, or one for each. @defaultValue 'float32' */
  readonly dtypes?: InputDType | readonly InputDType[] | null;
  /** What the network gets, as its one argument, in place of inputs made from `inputSize`. @defaultValue null */
  readonly input?: SummaryInput | null;
}

/** Numbers of parameters. */
export interface SummaryResult {
  /** Elements of all parameters. */
  readonly totalParams: number;
  /** Elements of those that are trained. */
  readonly trainableParams: number;
}

interface Row {
  readonly name: string;
  readonly input: Shapes;
  readonly output: Shapes;
  readonly params: number;
  readonly trainable: number;
}

/**
 * Prints a table of the layers of a network with the shapes of their inputs and outputs and their numbers of parameters, as
 * `paddle.summary`. The network is called once, in evaluation mode.
 *
 * @param net - the network
 * @param options - the sizes of the inputs, such as `[1, 1, 28, 28]`, or options
 * @returns the numbers of parameters
 * @throws `InvalidArgumentError` without sizes and input, and for a size with two unknown lengths or one below 1
 *
 * @example
 * ```ts
 * const { totalParams } = summary(new LeNet(), [1, 1, 28, 28]); // 61610
 * ```
 */
export function summary(net: AnyLayer, options?: InputSize | SummaryOptions): SummaryResult {
  if (!(net instanceof Layer)) throw new InvalidArgumentError(`net must be a Layer, got ${describeValue(net)}`);
  const { shapes, makeInputs } = readInputs(isSize(options) ? { inputSize: options } : options);
  const rows = new Map<string, Row>();
  const includeSelf = net instanceof RNNBase || net.children().length === 0;
  traceForward(net, net.sublayers({ includeSelf }).filter(isShown), makeInputs, (layer, inputs, output) => {
    const row = rowOf(layer, inputs, output, rows.size);
    rows.set(row.name, row);
  });
  const all = [...rows.values()];
  const totals = {
    totalParams: all.reduce((sum, { params }) => sum + params, 0),
    trainableParams: all.reduce((sum, { trainable }) => sum + trainable, 0),
  };
  console.log(tableText(all, shapes, totals));
  return totals;
}

/** True for layers that compute; those in a recurrent network do not, it computes as one. */
function isShown(layer: AnyLayer): boolean {
  return layer instanceof RNNBase || !(layer instanceof Sequential || layer instanceof LayerList);
}

/** True for a value that stands for the option `inputSize`. */
export function isSize(value: unknown): value is InputSize {
  return typeof value === 'number' || Array.isArray(value) || value instanceof InputSpec;
}

function readInputs(options: SummaryOptions | undefined) {
  checkOptions('summary', options, ['inputSize', 'dtypes', 'input']);
  const { inputSize = null, dtypes, input = null } = options ?? {};
  if (inputSize === null && input === null) {
    throw new InvalidArgumentError('summary needs inputSize or input');
  }
  const shapes = readInputSize(inputSize ?? shapesOf(input));
  const types: unknown = dtypes ?? 'float32';
  const makeInputs = () =>
    input === null
      ? shapes.map((shape, index) => makeInput(shape, Array.isArray(types) ? types[index] : types))
      : [input];
  return { shapes, makeInputs };
}

function shapesOf(input: unknown): number[] | number[][] {
  if (isTensor(input)) return input.shape;
  const parts = input !== null && typeof input === 'object' ? Object.values(input) : [];
  if (parts.length > 0 && parts.every(isTensor)) return parts.map(({ shape }) => shape);
  throw new InvalidArgumentError(
    `input must be a tensor, or an array or object of tensors, got ${describeValue(input)}`,
  );
}

/** Shapes of what a layer got or gave; null where there is no tensor. */
function tensorShapes(value: unknown): Shapes | null {
  if (isTensor(value)) return value.shape;
  return Array.isArray(value) ? value.map(tensorShapes as (item: unknown) => Shapes) : null;
}

function rowOf(layer: AnyLayer, inputs: readonly unknown[], output: unknown, count: number): Row {
  const number = Number(/_(\d+)$/.exec(layer.fullName())?.[1] ?? count);
  const own = layer.parameters({ includeSublayers: layer instanceof RNNBase });
  return {
    name: `${layer.constructor.name}-${number + 1}`,
    input: tensorShapes(inputs) ?? [],
    output: tensorShapes(output) ?? [],
    params: own.reduce((sum, { size }) => sum + size, 0),
    trainable: own.reduce((sum, { size, trainable }) => sum + (trainable ? size : 0), 0),
  };
}

/** Elements of an output; one that is no tensor counts as one. */
function outputSize(shapes: Shapes): number {
  const parts = shapes.filter((item): item is Shapes => Array.isArray(item));
  if (parts.length > 0) return parts.reduce((sum, part) => sum + outputSize(part), 0);
  return (shapes as readonly number[]).reduce((product, length) => product * length, 1);
}

const titles = ['Layer (type)', 'Input Shape', 'Output Shape', 'Param #'];
const leastWidths = [15, 20, 20, 15];

function tableText(rows: readonly Row[], inputs: readonly InputShape[], totals: SummaryResult): string {
  const cells = rows.map(({ name, input, output, params }) => [name, shapeText(input), shapeText(output), `${params}`]);
  const widths = leastWidths.map((least, column) => Math.max(least, ...cells.map((row) => row[column]?.length ?? 0)));
  const width = Math.max(75, widths.reduce((sum, value) => sum + value) + 5);
  const line = (texts: readonly string[]) => texts.map((text, column) => centre(text, widths[column] ?? 0)).join(' ');
  const [thin, thick] = ['-'.repeat(width), '='.repeat(width)];

  const { totalParams, trainableParams } = totals;
  const megabytes = (elements: number) => (elements * 4) / 2 ** 20;
  const inputMegabytes = megabytes(countElements(inputs));
  // Once more for the gradients.
  const outputMegabytes = 2 * megabytes(rows.reduce((sum, { output }) => sum + outputSize(output), 0));
  const total = megabytes(totalParams) + outputMegabytes + inputMegabytes;
  return [
    thin,
    line(titles),
    thick,
    ...rows.map(({ params }, index) => line([...(cells[index] ?? []).slice(0, 3), withCommas(params)])),
    thick,
    `Total params: ${withCommas(totalParams)}`,
    `Trainable params: ${withCommas(trainableParams)}`,
    `Non-trainable params: ${withCommas(totalParams - trainableParams)}`,
    thin,
    `Input size (MB): ${inputMegabytes.toFixed(2)}`,
    `Forward/backward pass size (MB): ${outputMegabytes.toFixed(2)}`,
    `Params size (MB): ${megabytes(totalParams).toFixed(2)}`,
    `Estimated Total Size (MB): ${total.toFixed(2)}`,
    thin,
    '',
  ].join('\n');
}

/**
 * Counting floating-point operations.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkBoolean, checkOptions, describeValue } from '../common/options.js';
import { sizeOf } from '../common/ndarray.js';
import {
  AdaptiveAvgPool1D,
  AdaptiveAvgPool2D,
  AvgPool1D,
  AvgPool2D,
  BatchNorm,
  BatchNorm2D,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Dropout,
  LeakyReLU,
  Linear,
  ReLU,
  ReLU6,
} from '../nn/index.js';
import { Layer, type AnyLayer } from '../nn/layer/layer.js';
import { isTensor, traceForward } from './forward-trace.js';
import { makeInput, readInputSize, type InputSize } from './input-size.js';
import { framedTable, shapeText } from './table.js';

/** A class of layers. */
export type LayerClass = abstract new (...args: never[]) => AnyLayer;

/** Operations of a call of a layer. */
export type FlopsCounter = (layer: never, inputs: readonly Tensor[], output: Tensor) => number;

/** Options of {@link flops}. */
export interface FlopsOptions {
  /** Own counts by the class of the layer; they win over those built in. @defaultValue null */
  readonly customOps?: ReadonlyMap<LayerClass, FlopsCounter> | null;
  /** Print a table of the layers. @defaultValue false */
  readonly printDetail?: boolean;
}

/** What a convolution is counted by. */
interface Convolution {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
}

/** Operations of a multiplication and an addition count as one, those of a bias as one more. */
const counters: ReadonlyMap<LayerClass, FlopsCounter> = new Map<LayerClass, FlopsCounter>([
  [Conv1D, countConvolution],
  [Conv2D, countConvolution],
  [Conv1DTranspose, countTransposedConvolution],
  [Conv2DTranspose, countTransposedConvolution],
  [Linear, ({ weight }: Linear, _inputs, output) => output.size * (weight.shape[0] ?? 0)],
  [BatchNorm, countBatchNorm],
  [BatchNorm2D, countBatchNorm],
  [ReLU, countNothing],
  [ReLU6, countNothing],
  [LeakyReLU, (_layer, [input]) => input?.size ?? 0],
  [Dropout, countNothing],
  [AvgPool1D, (_layer, _inputs, output) => output.size],
  [AvgPool2D, (_layer, _inputs, output) => output.size],
  [AdaptiveAvgPool1D, countAdaptivePool],
  [AdaptiveAvgPool2D, countAdaptivePool],
]);

/** Weights are [out, in / groups, ...]. */
function countConvolution({ weight, bias }: Convolution, _inputs: readonly Tensor[], output: Tensor): number {
  return output.size * (sizeOf(weight.shape.slice(1)) + (bias ? 1 : 0));
}

/** Weights are [in, out / groups, ...]. */
function countTransposedConvolution({ weight, bias }: Convolution, _inputs: readonly Tensor[], output: Tensor): number {
  const groups = (output.shape[1] ?? 0) / (weight.shape[1] ?? 1);
  const products = ((weight.shape[0] ?? 0) / groups) * sizeOf(weight.shape.slice(2));
  return output.size * (products + (bias ? 1 : 0));
}

function countBatchNorm(_layer: AnyLayer, [input]: readonly Tensor[]): number {
  return 2 * (input?.size ?? 0);
}

function countNothing(): number {
  return 0;
}

function countAdaptivePool(_layer: AnyLayer, [input]: readonly Tensor[], output: Tensor): number {
  const kernel = output.shape.slice(2).map((length, axis) => Math.floor((input?.shape[axis + 2] ?? 0) / length));
  return output.size * (sizeOf(kernel) + 1);
}

interface Count {
  operations: number;
  input: readonly number[];
  output: readonly number[];
}

/**
 * Counts the operations of a forward pass, as `paddle.flops`: those of convolutions, linear maps, batch normalisations and
 * average poolings. Says which layers are counted; other layers, recurrent ones among them, count nothing. The network is
 * called once, in evaluation mode. Only layers without sublayers are counted, and not the network itself.
 *
 * @param net - the network
 * @param inputSize - size of the input, such as `[1, 3, 224, 224]`; a larger batch gives more operations
 * @returns the number of operations
 *
 * @example
 * ```ts
 * flops(new LeNet(), [1, 1, 28, 28]); // 347560
 * ```
 */
export function flops(net: AnyLayer, inputSize: InputSize, options: FlopsOptions = {}): number {
  checkOptions('flops', options, ['customOps', 'printDetail']);
  const { customOps } = options;
  const printDetail = checkBoolean('printDetail', options.printDetail ?? false);
  if (!(net instanceof Layer)) throw new InvalidArgumentError(`net must be a Layer, got ${describeValue(net)}`);
  if (customOps != null && !(customOps instanceof Map)) {
    throw new InvalidArgumentError(
      `customOps must be a Map from classes of layers to functions, got ${describeValue(customOps)}`,
    );
  }
  const shapes = readInputSize(inputSize);
  const leaves = net.sublayers().filter((layer) => layer.children().length === 0);
  announce(leaves, customOps);
  const counts = new Map<AnyLayer, Count>();
  const makeInputs = () => shapes.map((shape) => makeInput(shape, 'float32'));
  traceForward(net, leaves, makeInputs, (layer, inputs, output) => {
    const tensors = inputs.filter(isTensor);
    const first: unknown = Array.isArray(output) ? output[0] : output;
    if (!isTensor(first)) return;
    const counter = counterOf(layer, customOps);
    const operations = counter?.(layer as never, tensors, first) ?? 0;
    const before = counts.get(layer)?.operations ?? 0;
    counts.set(layer, {
      operations: before + Math.trunc(operations),
      input: tensors[0]?.shape ?? [],
      output: first.shape,
    });
  });

  const paramsOf = (layer: AnyLayer) => layer.parameters().reduce((sum, { size }) => sum + size, 0);
  const counted = leaves.flatMap((layer) => {
    const count = counts.get(layer);
    return count ? [{ layer, params: paramsOf(layer), ...count }] : [];
  });
  if (printDetail) {
    const rows = counted.map(({ layer, params, operations, input, output }) => [
      layer.fullName(),
      shapeText(input),
      shapeText(output),
      `${params}`,
      `${operations}`,
    ]);
    const header = ['Layer Name', 'Input Shape', 'Output Shape', 'Params', 'Flops'];
    for (const line of framedTable(header, rows)) console.log(line);
  }
  const total = counted.reduce((sum, { operations }) => sum + operations, 0);
  console.log(`Total Flops: ${total}     Total Params: ${counted.reduce((sum, { params }) => sum + params, 0)}`);
  return total;
}

function counterOf(layer: AnyLayer, customOps: FlopsOptions['customOps']): FlopsCounter | undefined {
  const kind = layer.constructor as LayerClass;
  return customOps?.get(kind) ?? counters.get(kind);
}

/** Says, once for each class, how its layers are counted. */
function announce(layers: readonly AnyLayer[], customOps: FlopsOptions['customOps']): void {
  for (const kind of new Set(layers.map((layer) => layer.constructor as LayerClass))) {
    const { name } = kind;
    if (customOps?.has(kind)) console.log(`Customize Function has been applied to ${name}`);
    else if (counters.has(kind)) console.log(`${name}'s flops has been counted`);
    else console.log(`Cannot find suitable count function for ${name}. Treat it as zero FLOPs.`);
  }
}

/**
 * Functions of single elements.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../../common/ndarray.js';
import type { EngineBackend, PlacedTensor } from '../backend.js';
import { physicalShape, type Layout } from '../layout.js';
import type { Pointer } from '../library.js';
import { defineKernel } from './register.js';

/** Computes a tensor from tensors of its shape, element by element, in the order in which most of them lie. */
export function mapElements(
  backend: EngineBackend,
  sources: readonly TensorInfo[],
  run: (sources: readonly Pointer[], target: Pointer, length: number) => void,
): PlacedTensor {
  const shape = sources[0]?.shape ?? [];
  const [first] = sources;
  const layout = sources.length === 1 && first ? backend.layoutOf(first) : backend.commonLayout(sources, shape);
  const pointers = sources.map((source) => backend.pointerOf(source, layout));
  const result = backend.allocate(shape, 'float32', layout);
  run(pointers, result.pointer, sizeOf(shape));
  return result;
}

// The order is that of `Unary` in src/kernels/unary.cpp.
const unaryOperations = [
  tf.Abs,
  tf.Ceil,
  tf.Erf,
  tf.Exp,
  tf.Expm1,
  tf.Floor,
  tf.Log,
  tf.Log1p,
  tf.Neg,
  tf.Reciprocal,
  tf.Rsqrt,
  tf.Round,
  tf.Sign,
  tf.Sqrt,
  tf.Square,
  tf.Step,
];

unaryOperations.forEach((name, operation) => {
  defineKernel<{ x: TensorInfo }, { alpha: number } | undefined>(name, ({ inputs: { x }, attrs, backend }) => {
    if (x.dtype !== 'float32') return undefined;
    return mapElements(backend, [x], ([source = 0], target, length) => {
      backend.kernels.unary(operation, source, target, length, attrs?.alpha ?? 0);
    });
  });
});

/** Axes of a result as the kernel walks them; a stride of 0 repeats an operand. */
interface BroadcastAxis {
  length: number;
  readonly inA: boolean;
  readonly inB: boolean;
}

/** Shape with ones in front, to `rank` axes. */
const extended = (shape: readonly number[], rank: number) => [
  ...new Array<number>(rank - shape.length).fill(1),
  ...shape,
];

/** The axes of a result in the order of memory, merged where both operands have them or lack them alike. */
function broadcastAxes(
  a: readonly number[],
  b: readonly number[],
  shape: readonly number[],
  layout: Layout | undefined,
): BroadcastAxis[] {
  const left = physicalShape(extended(a, shape.length), layout);
  const right = physicalShape(extended(b, shape.length), layout);
  const axes: BroadcastAxis[] = [];
  physicalShape(shape, layout).forEach((length, axis) => {
    if (length === 1) return;
    const inA = left[axis] === length;
    const inB = right[axis] === length;
    const last = axes.at(-1);
    if (last?.inA === inA && last.inB === inB) last.length *= length;
    else axes.push({ length, inA, inB });
  });
  return axes.length === 0 ? [{ length: 1, inA: true, inB: true }] : axes;
}

const mostAxes = 8;

/** The fields of `Broadcast` in src/kernels/binary.cpp. */
function broadcastFields(axes: readonly BroadcastAxis[]): number[] {
  const stridesOf = (name: 'inA' | 'inB') => {
    const strides = new Array<number>(mostAxes).fill(0);
    let stride = 1;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      if (!axes[axis]?.[name]) continue;
      strides[axis] = stride;
      stride *= axes[axis]?.length ?? 1;
    }
    return strides;
  };
  const lengths = [...axes.map(({ length }) => length), ...new Array<number>(mostAxes - axes.length).fill(0)];
  return [axes.length, ...lengths, ...stridesOf('inA'), ...stridesOf('inB')];
}

// The order is that of `Binary` in src/kernels/binary.cpp.
const binaryOperations = [
  tf.Add,
  tf.Sub,
  tf.Multiply,
  tf.RealDiv,
  tf.Maximum,
  tf.Minimum,
  tf.SquaredDifference,
  tf.Prelu,
  tf.EluGrad,
];

function combine(backend: EngineBackend, operation: number, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const same = sameShape(a.shape, b.shape);
  const shape = same ? a.shape : tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const layout = backend.commonLayout([a, b], shape);
  const axes = broadcastAxes(a.shape, b.shape, shape, layout);
  if (axes.length > mostAxes) return undefined;
  const [left, right] = [backend.pointerOf(a, layout), backend.pointerOf(b, layout)];
  const y = backend.allocate(shape, 'float32', layout);
  if (sizeOf(shape) === 0) return y;
  backend.kernels.binary(operation, left, right, y.pointer, backend.struct(broadcastFields(axes)));
  return y;
}

/** Names of the operands where they are not `a` and `b`. */
const operandNames: Record<string, readonly [string, string]> = {
  [tf.Prelu]: ['x', 'alpha'],
  [tf.EluGrad]: ['dy', 'y'],
};

binaryOperations.forEach((name, operation) => {
  const [left, right] = operandNames[name] ?? ['a', 'b'];
  defineKernel<Record<string, TensorInfo>>(
    name,
    ({ inputs: { [left]: a, [right]: b }, backend }) => a && b && combine(backend, operation, a, b),
  );
});

defineKernel<readonly TensorInfo[]>(tf.AddN, ({ inputs, backend }) => {
  const tensors = Object.values(inputs);
  const [first, ...others] = tensors;
  if (first === undefined || others.length === 0 || tensors.some(({ dtype }) => dtype !== 'float32')) return undefined;
  return mapElements(backend, tensors, ([start = 0, ...rest], target, length) => {
    const shape = broadcastFields([{ length, inA: true, inB: true }]);
    if (length === 0) return;
    rest.forEach((source, index) => {
      backend.kernels.binary(0, index === 0 ? start : target, source, target, backend.struct(shape));
    });
  });
});

/**
 * Pooling and its gradients.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend.js';
import { physicalShape } from '../layout.js';
import { imageLayout } from '../ops/channel-order.js';
import {
  poolingKernels,
  poolingShape,
  poolingSpans,
  type AveragePoolingAttributes,
  type Span,
  type WindowAttributes,
} from '../ops/pooling.js';
import { place, placeResult } from './place.js';
import { defineKernel } from './register.js';
import { withTables } from './tables.js';

/** For each element of an axis the spans, as a range of their indices, that it lies in. */
function spansCovering(length: number, spans: readonly Span[]): Span[] {
  let [first, last] = [0, 0];
  return Array.from({ length }, (_, index): Span => {
    while (last < spans.length && (spans[last]?.[0] ?? 0) <= index) last++;
    while (first < last && (spans[first]?.[1] ?? 0) <= index) first++;
    return [first, last];
  });
}

/** The fields of `Pooling` in src/kernels/pooling.cpp. */
function poolingFields(backend: EngineBackend, x: readonly number[], attrs: WindowAttributes) {
  const [, outHeight, outWidth] = poolingShape(x, attrs);
  return backend.struct([...x, outHeight, outWidth]);
}

/** Tables of the windows of images, for rows and for columns. */
interface WindowTables {
  /** First and last (exclusive) row or column of each window. */
  readonly windows: readonly Int32Array[];
  /** For each row and each column the windows that it lies in. */
  readonly covering: readonly Int32Array[];
}

/** Tables that were made before: the layers of a network ask for the same ones in every step. */
const knownTables = new Map<string, WindowTables>();
const mostTables = 256;

function windowTables([, height = 0, width = 0]: readonly number[], attrs: WindowAttributes): WindowTables {
  const shape = 'size' in attrs ? attrs.size : [...attrs.kernel, ...attrs.strides, ...attrs.padding];
  const key = `${height},${width},${shape.join()}`;
  let tables = knownTables.get(key);
  if (tables === undefined) {
    const spans = [poolingSpans(height, attrs, 0), poolingSpans(width, attrs, 1)] as const;
    const covering = [spansCovering(height, spans[0]), spansCovering(width, spans[1])];
    const flat = (list: readonly Span[]) => Int32Array.from(list.flat());
    tables = { windows: spans.map(flat), covering: covering.map(flat) };
    if (knownTables.size === mostTables) knownTables.clear();
    knownTables.set(key, tables);
  }
  return tables;
}

/** What a sum is divided by; 0 stands for the elements inside the image. */
function divisorOf(attrs: AveragePoolingAttributes): number {
  if (attrs.divisor !== undefined) return attrs.divisor;
  if ('size' in attrs) return 0;
  const { kernel, exclusive, padding } = attrs;
  return exclusive && padding.some((length) => length > 0) ? 0 : kernel[0] * kernel[1];
}

/** Attributes of a gradient kernel: those of the pooling, and the shape of its input. */
type WithShape<Attributes> = Attributes & { readonly shape: readonly number[] };

defineKernel<{ x: TensorInfo }, WindowAttributes>(poolingKernels.max, ({ inputs: { x }, attrs, backend }) => {
  const layout = imageLayout(attrs);
  const images = place(backend, x, layout);
  const shape = poolingShape(images.shape, attrs);
  const y = placeResult(backend, shape, layout);
  const indices = placeResult(backend, shape, layout, 'int32');
  withTables(backend, windowTables(images.shape, attrs).windows, (rows = 0, columns = 0) => {
    const fields = poolingFields(backend, images.shape, attrs);
    backend.kernels.max_pool(images.pointer, y.pointer, indices.pointer, fields, rows, columns);
  });
  return [y, indices];
});

defineKernel<{ dy: TensorInfo; indices: TensorInfo }, WithShape<WindowAttributes>>(
  poolingKernels.maxGradient,
  ({ inputs: { dy, indices }, attrs, backend }) => {
    const layout = imageLayout(attrs);
    const [gradient, places] = [backend.pointerOf(dy, layout), backend.pointerOf(indices, layout)];
    const shape = physicalShape(attrs.shape, layout);
    const dx = placeResult(backend, shape, layout);
    withTables(backend, windowTables(shape, attrs).covering, (rows = 0, columns = 0) => {
      const fields = poolingFields(backend, shape, attrs);
      backend.kernels.max_pool_gradient(gradient, places, dx.pointer, fields, rows, columns);
    });
    return dx;
  },
);

defineKernel<{ x: TensorInfo }, AveragePoolingAttributes>(
  poolingKernels.average,
  ({ inputs: { x }, attrs, backend }) => {
    const layout = imageLayout(attrs);
    const images = place(backend, x, layout);
    const y = placeResult(backend, poolingShape(images.shape, attrs), layout);
    withTables(backend, windowTables(images.shape, attrs).windows, (rows = 0, columns = 0) => {
      const fields = poolingFields(backend, images.shape, attrs);
      backend.kernels.average_pool(images.pointer, y.pointer, divisorOf(attrs), fields, rows, columns);
    });
    return y;
  },
);

defineKernel<{ dy: TensorInfo }, WithShape<AveragePoolingAttributes>>(
  poolingKernels.averageGradient,
  ({ inputs: { dy }, attrs, backend }) => {
    const layout = imageLayout(attrs);
    const gradient = backend.pointerOf(dy, layout);
    const shape = physicalShape(attrs.shape, layout);
    const dx = placeResult(backend, shape, layout);
    const { windows, covering } = windowTables(shape, attrs);
    withTables(backend, [...windows, ...covering], (...tables) => {
      const [rows = 0, columns = 0, rowWindows = 0, columnWindows = 0] = tables;
      const fields = poolingFields(backend, shape, attrs);
      const divisor = divisorOf(attrs);
      backend.kernels.average_pool_gradient(
        ...([gradient, dx.pointer, divisor, fields] as const),
        ...([rows, columns, rowWindows, columnWindows] as const),
      );
    });
    return dx;
  },
);

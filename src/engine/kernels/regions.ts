/**
 * Weighted sums and maxima in regions of images, and their gradients.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import {
  binsShape,
  regionKernels,
  type PooledRegions,
  type RegionAttributes,
  type SummedRegions,
} from '../ops/regions.js';
import { defineKernel } from './register.js';
import { tableOf, withTables } from './tables.js';

/** Runs `fn` with the fields of `Regions` in src/kernels/regions.cpp and the tables of the regions. */
function withRegions(
  backend: EngineBackend,
  { shape, images, size, rows, columns }: RegionAttributes<SummedRegions | PooledRegions>,
  tableOfBins: (bins: never) => readonly number[],
  fn: (images: Pointer, regions: Pointer, rows: Pointer, columns: Pointer) => void,
): void {
  const tables = [rows, columns].map((bins) => tableOfBins(bins as never));
  withTables(backend, [images, ...tables], (imageTable = 0, rowTable = 0, columnTable = 0) => {
    fn(imageTable, backend.struct([...shape, images.length, ...size]), rowTable, columnTable);
  });
}

const flat = (spans: PooledRegions['rows']) => spans.flat();

defineKernel<{ x: TensorInfo }, RegionAttributes<SummedRegions>>(
  regionKernels.sums,
  ({ inputs: { x }, attrs, backend }) => {
    const source = backend.pointerOf(x);
    const y = backend.allocate(binsShape(attrs, x.shape));
    withRegions(backend, attrs, tableOf, (...tables) => backend.kernels.region_sums(source, y.pointer, ...tables));
    return y;
  },
);

defineKernel<{ dy: TensorInfo }, RegionAttributes<SummedRegions>>(
  regionKernels.sumsGradient,
  ({ inputs: { dy }, attrs, backend }) => {
    const source = backend.pointerOf(dy);
    const dx = backend.allocate(attrs.shape);
    withRegions(backend, attrs, tableOf, (...tables) => {
      backend.kernels.region_sums_gradient(source, dx.pointer, ...tables);
    });
    return dx;
  },
);

defineKernel<{ x: TensorInfo }, RegionAttributes<PooledRegions>>(
  regionKernels.maxima,
  ({ inputs: { x }, attrs, backend }) => {
    const source = backend.pointerOf(x);
    const shape = binsShape(attrs, x.shape);
    const y = backend.allocate(shape);
    const places = backend.allocate(shape, 'int32');
    withRegions(backend, attrs, flat, (...tables) => {
      backend.kernels.region_maxima(source, y.pointer, places.pointer, ...tables);
    });
    return [y, places];
  },
);

defineKernel<Record<'dy' | 'places', TensorInfo>, RegionAttributes<PooledRegions>>(
  regionKernels.maximaGradient,
  ({ inputs: { dy, places }, attrs, backend }) => {
    const [source, from] = [backend.pointerOf(dy), backend.pointerOf(places)];
    const dx = backend.allocate(attrs.shape);
    withRegions(backend, attrs, flat, (images, regions, rows) => {
      backend.kernels.region_maxima_gradient(source, from, dx.pointer, images, regions, rows);
    });
    return dx;
  },
);

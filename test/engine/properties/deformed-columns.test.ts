import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../src/common/ndarray.js';
import { deformedColumns, type DeformationAttributes } from '../../../src/engine/index.js';
import { describeEngines } from '../../support/engines.js';
import { assertSums, between, numbers, orders, samples, tensorOf } from '../../support/properties.js';
import * as reference from '../../support/reference.js';

interface Deformation extends DeformationAttributes {
  readonly x: readonly [batch: number, height: number, width: number, channels: number];
}

const pairs = (low: number, high: number) => fc.tuple(between(low, high), between(low, high));

function deformations(side = between(1, 7), groupChannels = fc.oneof(between(1, 5), between(8, 20))) {
  return fc
    .record({
      batch: between(1, 3),
      sides: fc.tuple(side, side),
      groups: between(1, 3),
      groupChannels,
      kernel: pairs(1, 3),
      strides: pairs(1, 2),
      padding: pairs(0, 2),
      dilations: pairs(1, 2),
      size: fc.tuple(side, side),
    })
    .map(({ batch, sides, groupChannels, ...rest }): Deformation => ({
      ...rest,
      x: [batch, ...sides, groupChannels * rest.groups],
    }));
}

function check({ x: shape, ...attributes }: Deformation, reach: number, lie: readonly number[] = []): void {
  tf.tidy(() => {
    const { kernel, groups, size } = attributes;
    const taps = sizeOf(kernel);
    const outShape = [shape[0] * sizeOf(size), taps, shape[3]];
    const offsetShape = [shape[0], ...size, 2 * groups * taps];
    const factorShape = [shape[0], ...size, groups * taps];
    // Eighths, so that positions are exact, and some are those of pixels.
    const offsets = numbers('offsets', offsetShape, -8 * reach, 8 * reach).map((value) => Math.round(value) / 8);
    const [x, factors, dy] = [numbers('x', shape), numbers('factors', factorShape), numbers('dy', outShape)];
    const expected = reference.deformedColumns(shape, attributes, x, offsets, factors, dy);
    const run = (...tensors: Tensor[]) => deformedColumns(tensors[0]!, tensors[1]!, tensors[2]!, attributes);
    const tensors = [
      tensorOf(x, shape, lie[0]),
      tensorOf(offsets, offsetShape, lie[1]),
      tensorOf(factors, factorShape, lie[2]),
    ];
    assertSums(run(...tensors), outShape, expected.y, 'samples');
    const [dx, doffsets, dfactors] = tf.grads(run)(tensors, tensorOf(dy, outShape)) as [Tensor, Tensor, Tensor];
    assertSums(dx, shape, expected.dx, 'gradient of the images');
    assertSums(doffsets, offsetShape, expected.doffsets, 'gradient of the offsets');
    assertSums(dfactors, factorShape, expected.dfactors, 'gradient of the factors');
  });
}

describeEngines('samples of deformable convolutions', () => {
  it('are interpolated, inside and outside of the images', () => {
    fc.assert(fc.property(deformations(), between(0, 5), orders, check), samples(60));
  });

  it('are the same where there is work for several threads', () => {
    fc.assert(
      fc.property(deformations(between(14, 20), between(8, 12)), (deformation) => check(deformation, 2)),
      samples(2),
    );
  });
});

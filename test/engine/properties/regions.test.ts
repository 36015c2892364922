import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { regionMaxima, regionSums, type PooledRegions, type Span, type Tap } from '../../../src/engine/index.js';
import { describeEngines } from '../../support/engines.js';
import {
  assertExact,
  assertSums,
  between,
  numbers,
  numbersWithSpecials,
  orders,
  samples,
  tensorOf,
} from '../../support/properties.js';
import * as reference from '../../support/reference.js';

type Shape = readonly [batch: number, height: number, width: number, channels: number];

const shapes: fc.Arbitrary<Shape> = fc.tuple(
  between(1, 3),
  between(1, 9),
  between(1, 9),
  fc.oneof(between(1, 9), between(15, 70)),
);

const spansOf = (length: number): fc.Arbitrary<Span> => fc.tuple(between(0, length), between(0, length));

const tapsOf = (length: number): fc.Arbitrary<Tap[]> =>
  fc.array(fc.record({ source: between(0, length - 1), weight: between(-8, 8).map((eighths) => eighths / 8) }), {
    maxLength: 5,
  });

/** Images and regions of them, in any order, whose bins are drawn for each axis. */
function regionsOf<Bins>(binsOf: (length: number) => fc.Arbitrary<Bins>, shape = shapes) {
  return fc.tuple(shape, between(0, 6), between(1, 4), between(1, 4)).chain(([x, count, height, width]) => {
    const list = <T>(item: fc.Arbitrary<T>, length: number) => fc.array(item, { minLength: length, maxLength: length });
    return fc.record({
      x: fc.constant(x),
      images: list(between(0, x[0] - 1), count),
      size: fc.constant([height, width] as const),
      rows: list(binsOf(x[1]), count * height),
      columns: list(binsOf(x[2]), count * width),
    });
  });
}

describeEngines('bins of regions', (engine) => {
  // TensorFlow.js's CPU backend takes the square of the number of bins for the gradient of maxima.
  const isCompiled = engine === 'native' || engine === 'wasm';
  const runs = samples(isCompiled ? 40 : 8);

  it('are weighted sums of pixels', () => {
    fc.assert(
      fc.property(regionsOf(tapsOf), orders, ({ x: shape, ...regions }, lie) => {
        tf.tidy(() => {
          const outShape = [regions.images.length, ...regions.size, shape[3]];
          const [x, dy] = [numbers('x', shape), numbers('dy', outShape)];
          const expected = reference.regionSums(shape, regions, x, dy);
          const run = (image: Tensor) => regionSums(image, regions);
          const [image, above] = [tensorOf(x, shape, lie[0]), tensorOf(dy, outShape, lie[1])];
          assertSums(run(image), outShape, expected.y, 'sums');
          assertSums(tf.grad(run)(image, above), shape, expected.dx, 'gradient');
        });
      }),
      samples(60),
    );
  });

  function checkMaxima(shape: Shape, regions: PooledRegions, fill: typeof numbers, lie: readonly number[]): void {
    tf.tidy(() => {
      const outShape = [regions.images.length, ...regions.size, shape[3]];
      const [x, dy] = [fill('x', shape), numbers('dy', outShape)];
      const expected = reference.regionMaxima(shape, regions, x, dy);
      const run = (image: Tensor) => regionMaxima(image, regions);
      const [image, above] = [tensorOf(x, shape, lie[0]), tensorOf(dy, outShape, lie[1])];
      assertExact(run(image), outShape, expected.y, 'maxima');
      assertSums(tf.grad(run)(image, above), shape, expected.dx, 'gradient');
    });
  }

  const few: typeof numbers = (key, shape) => numbers(key, shape, 0, 3).map(Math.floor);
  const rare: typeof numbers = (key, shape) => numbersWithSpecials(key, shape, 0.6);

  for (const [what, fill] of [
    ['pixels', numbers],
    ['equal pixels, the first', few],
    ['pixels of which many are no numbers', rare],
  ] as const) {
    it(`are the largest of ${what}`, () => {
      fc.assert(
        fc.property(regionsOf(spansOf), orders, ({ x, ...regions }, lie) => checkMaxima(x, regions, fill, lie)),
        runs,
      );
    });
  }

  (isCompiled ? it : it.skip)('are the same where there is work for several threads', () => {
    const large = fc.tuple(fc.constant(2), fc.constant(40), fc.constant(41), between(60, 70)) as fc.Arbitrary<Shape>;
    fc.assert(
      fc.property(regionsOf(spansOf, large), ({ x, ...regions }) => checkMaxima(x, regions, numbers, [])),
      samples(2),
    );
    fc.assert(
      fc.property(regionsOf(tapsOf, large), ({ x: shape, ...regions }) => {
        tf.tidy(() => {
          const outShape = [regions.images.length, ...regions.size, shape[3]];
          const [x, dy] = [numbers('x', shape), numbers('dy', outShape)];
          const expected = reference.regionSums(shape, regions, x, dy);
          const run = (image: Tensor) => regionSums(image, regions);
          assertSums(run(tensorOf(x, shape)), outShape, expected.y, 'sums');
          assertSums(tf.grad(run)(tensorOf(x, shape), tensorOf(dy, outShape)), shape, expected.dx, 'gradient');
        });
      }),
      samples(2),
    );
  });
});

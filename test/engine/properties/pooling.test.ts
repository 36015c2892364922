import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { avgPool2d, maxPool2d, maxPool2dWithIndices } from '../../../src/engine/index.js';
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
  throughChannelsFirst,
} from '../../support/properties.js';
import { averagePool, maxPool, pooledShape, type Pooling } from '../../support/reference.js';

interface Ranges {
  readonly size?: fc.Arbitrary<number>;
  readonly channels?: fc.Arbitrary<number>;
  readonly kernel?: fc.Arbitrary<number>;
  readonly around?: fc.Arbitrary<number>;
}

/** Poolings whose windows fit into the padded image. */
function poolings({
  size = between(1, 9),
  channels = between(1, 9),
  kernel = between(1, 4),
  around = between(0, 3),
}: Ranges = {}): fc.Arbitrary<Pooling> {
  return fc
    .record({
      x: fc.tuple(between(0, 3), size, size, channels),
      kernel: fc.tuple(kernel, kernel),
      strides: fc.tuple(between(1, 4), between(1, 4)),
      padding: fc.tuple(around, around, around, around),
    })
    .filter((pooling) =>
      pooledShape(pooling)
        .slice(1)
        .every((length) => length > 0),
    );
}

/** The same windows with so little padding that each reaches into the image. */
function withinReach(pooling: Pooling): Pooling {
  const { kernel, padding } = pooling;
  const limit = (side: 0 | 1 | 2 | 3) => Math.min(padding[side], kernel[side < 2 ? 0 : 1] - 1);
  const reaching = { ...pooling, padding: [limit(0), limit(1), limit(2), limit(3)] as const };
  return pooledShape(reaching).every((length, axis) => axis === 0 || length > 0)
    ? reaching
    : { ...pooling, padding: [0, 0, 0, 0], kernel: [1, 1] };
}

/** Many channels, many pixels, windows of the whole image. */
const larger = fc.oneof(
  poolings({ channels: between(60, 270) }),
  poolings({ size: between(30, 70), channels: between(1, 2) }),
  poolings({ size: between(7, 9), kernel: between(7, 9) }),
);

function checkMaximum(pooling: Pooling, fill: typeof numbers, lie: readonly number[] = []): void {
  tf.tidy(() => {
    const shape = pooledShape(pooling);
    const [x, dy] = [fill('x', pooling.x), numbers('dy', shape)];
    const expected = maxPool(pooling, x, dy);
    const image = tensorOf(x, pooling.x, lie[0]) as Tensor4D;
    const { kernel, strides, padding } = pooling;
    const attributes = { kernel, strides, padding };
    const [y, indices] = maxPool2dWithIndices(image, attributes);
    assertExact(y, shape, expected.y, 'maxima');
    assertExact(indices, shape, expected.indices, 'places');
    assertExact(maxPool2d(image, attributes), shape, expected.y, 'maxima alone');
    const gradient = tf.grad((one: Tensor) => maxPool2d(one as Tensor4D, attributes))(
      image,
      tensorOf(dy, shape, lie[1]),
    );
    assertSums(gradient, pooling.x, expected.dx, 'gradient');
    const first = { ...attributes, channelsFirst: true };
    const run = throughChannelsFirst((one) => maxPool2d(one as Tensor4D, first));
    assertExact(run(image), shape, expected.y, 'maxima with channels first');
    assertSums(tf.grad(run)(image, tensorOf(dy, shape)), pooling.x, expected.dx, 'gradient with channels first');
    const places = throughChannelsFirst((one) => maxPool2dWithIndices(one as Tensor4D, first)[1]);
    assertExact(places(image), shape, expected.indices, 'places with channels first');
  });
}

function checkMean(
  pooling: Pooling,
  exclusive: boolean,
  divisor: number | undefined,
  fill: typeof numbers,
  lie: readonly number[] = [],
): void {
  tf.tidy(() => {
    const shape = pooledShape(pooling);
    const { kernel, strides, padding } = pooling;
    const attributes = { kernel, strides, padding, exclusive, divisor };
    const [x, dy] = [fill('x', pooling.x), fill('dy', shape)];
    const expected = averagePool({ ...pooling, ...attributes }, x, dy);
    const run = (image: Tensor) => avgPool2d(image as Tensor4D, attributes);
    const image = tensorOf(x, pooling.x, lie[0]);
    assertSums(run(image), shape, expected.y, 'means');
    assertSums(tf.grad(run)(image, tensorOf(dy, shape, lie[1])), pooling.x, expected.dx, 'gradient');
    const first = throughChannelsFirst((one) => avgPool2d(one as Tensor4D, { ...attributes, channelsFirst: true }));
    assertSums(first(image), shape, expected.y, 'means with channels first');
    assertSums(tf.grad(first)(image, tensorOf(dy, shape)), pooling.x, expected.dx, 'gradient with channels first');
  });
}

const divisors = fc.option(between(1, 7), { nil: undefined });

describeEngines('pooling and its gradients', (engine) => {
  // TensorFlow.js's own kernels leave NaN out of a maximum.
  const maximumKeepsNaN = engine !== 'js' && engine !== 'tensorflow';
  // TensorFlow's choice between two tensors fails without images, and its maximum of nothing is the lowest number.
  const handled = ({ x, kernel, padding }: Pooling) =>
    engine !== 'tensorflow' || (x[0] > 0 && padding.every((length, side) => length < kernel[side < 2 ? 0 : 1]));

  it('find the maxima and their places in any windows', () => {
    fc.assert(
      fc.property(poolings().filter(handled), orders, (pooling, lie) => checkMaximum(pooling, numbers, lie)),
      samples(60),
    );
    fc.assert(
      fc.property(larger.filter(handled), (pooling) => checkMaximum(pooling, numbers)),
      samples(10),
    );
  });

  it('find the first of equal maxima', () => {
    const few: typeof numbers = (key, shape) => numbers(key, shape, 0, 3).map(Math.floor);
    fc.assert(
      fc.property(poolings().filter(handled), (pooling) => checkMaximum(pooling, few)),
      samples(30),
    );
  });

  (maximumKeepsNaN ? it : it.skip)('pass NaN and infinities on in maxima', () => {
    fc.assert(
      fc.property(poolings(), (pooling) => checkMaximum(pooling, numbersWithSpecials)),
      samples(60),
    );
  });

  it('find the means of any windows', () => {
    fc.assert(
      fc.property(poolings().map(withinReach), fc.boolean(), divisors, orders, (pooling, exclusive, divisor, lie) =>
        checkMean(pooling, exclusive, divisor, numbers, lie),
      ),
      samples(60),
    );
    fc.assert(
      fc.property(larger.map(withinReach), fc.boolean(), divisors, (pooling, exclusive, divisor) =>
        checkMean(pooling, exclusive, divisor, numbers),
      ),
      samples(10),
    );
  });

  it('pass NaN and infinities on in means', () => {
    fc.assert(
      fc.property(poolings().map(withinReach), fc.boolean(), divisors, (pooling, exclusive, divisor) =>
        checkMean(pooling, exclusive, divisor, numbersWithSpecials),
      ),
      samples(40),
    );
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { selectDefaultBackend, selectEngine } from '../../src/engine/index.js';
import { assertValues, input } from '../kernels/reference.js';
import { assertSame } from './compare.js';

const runs = { numRuns: 60 };

const between = (min: number, max: number) => fc.integer({ min, max });

interface Resize {
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
  readonly size: readonly [height: number, width: number];
  readonly centers: 'corners' | 'halves' | 'none';
  readonly method: 'bilinear' | 'nearest';
}

const resizes: fc.Arbitrary<Resize> = fc.record({
  shape: fc.tuple(between(0, 3), between(1, 7), between(1, 7), fc.constantFrom(1, 2, 3, 4, 7, 19)),
  size: fc.tuple(between(1, 15), between(1, 15)),
  centers: fc.constantFrom('corners' as const, 'halves' as const, 'none' as const),
  method: fc.constantFrom('bilinear' as const, 'nearest' as const),
});

function run(x: Tensor, { size, centers, method }: Resize): Tensor {
  const resize = { bilinear: tf.image.resizeBilinear, nearest: tf.image.resizeNearestNeighbor }[method];
  return resize(x as Tensor4D, [...size], centers === 'corners', centers === 'halves');
}

/** How much each pixel of an image goes into each pixel of the result: the plain backend's results for single pixels. */
function weightsOf(resize: Resize): Float32Array {
  const [, height, width] = resize.shape;
  selectEngine('js');
  try {
    return tf.tidy(() => {
      const pixels = tf.reshape(tf.eye(height * width), [height * width, height, width, 1]);
      return run(pixels, resize).dataSync<'float32'>();
    });
  } finally {
    selectDefaultBackend();
  }
}

describe('resizing', () => {
  it('interpolates as the plain backend does', () => {
    fc.assert(
      fc.property(resizes, (resize) => {
        const { values } = input('image', resize.shape);
        const image = { shape: resize.shape, dtype: 'float32', values: [...values], order: [0, 1, 2, 3] } as const;
        assertSame([image, { ...image, order: [0, 3, 1, 2] }], (...xs) => xs.map((x) => run(x, resize)), 1e-6);
      }),
      runs,
    );
  });

  it('interpolates large images as the plain backend does', () => {
    for (const channels of [3, 40]) {
      const shape = [2, 31, 42, channels] as const;
      const { values } = input('large', shape);
      const image = { shape, dtype: 'float32', values: [...values], order: [0, 1, 2, 3] } as const;
      assertSame([image], (x) => run(x, { shape, size: [65, 50], centers: 'halves', method: 'bilinear' }), 1e-6);
    }
  });

  it('takes integers as the plain backend does', () => {
    const image = { shape: [1, 2, 2, 1], dtype: 'int32', values: [1, -2, 3, 4], order: [0, 1, 2, 3] } as const;
    for (const method of ['bilinear', 'nearest'] as const) {
      assertSame([image], (x) => run(x, { shape: [1, 2, 2, 1], size: [3, 5], centers: 'none', method }));
    }
  });

  it('gives each pixel the gradient of what it went into', () => {
    fc.assert(
      fc.property(resizes, (resize) => {
        const [batch, height, width, channels] = resize.shape;
        const outPixels = sizeOf(resize.size);
        const weights = weightsOf(resize);
        tf.tidy(() => {
          const x = input('image', resize.shape);
          const dy = input('dy', [batch, ...resize.size, channels]);
          const expected = new Float64Array(x.values.length);
          for (let place = 0; place < expected.length; place++) {
            const channel = place % channels;
            const pixel = Math.floor(place / channels) % (height * width);
            const image = Math.floor(place / channels / (height * width));
            for (let out = 0; out < outPixels; out++) {
              const gradient = dy.values[(image * outPixels + out) * channels + channel]!;
              expected[place]! += weights[pixel * outPixels + out]! * gradient;
            }
          }
          const gradient = tf.grad((images: Tensor) => run(images, resize))(x.tensor, dy.tensor);
          assertValues(gradient, resize.shape, expected, 'gradient', 1e-5);
        });
      }),
      runs,
    );
  });

  it('passes NaN and infinity on to what they go into, and to nothing else', () => {
    const x = tf.tensor4d([1, 2, NaN, 4, 5, Infinity], [1, 1, 6, 1]);
    const twice = (method: Resize['method']) => {
      const y = run(x, { shape: [1, 1, 6, 1], size: [1, 12], centers: 'none', method });
      return [...y.dataSync()];
    };
    assert.deepEqual(twice('nearest'), [1, 1, 2, 2, NaN, NaN, 4, 4, 5, 5, Infinity, Infinity]);
    assert.deepEqual(twice('bilinear'), [1, 1.5, 2, NaN, NaN, NaN, 4, 4.5, 5, Infinity, Infinity, Infinity]);
  });
});

import assert from 'node:assert/strict';
import { assertDigest, describeOracle, uniform, type Digest } from '../support/oracle.js';
import { NdArray } from '../../src/common/ndarray.js';
import { Image } from '../../src/vision/index.js';
import { functional as F, Transpose, type ImageLike } from '../../src/vision/transforms/index.js';

interface TransformCase extends Digest {
  readonly shape: number[];
  readonly dtype: string;
}

const transforms: Record<string, (image: ImageLike) => ImageLike> = {
  resize_20x30: (image) => F.resize(image, [20, 30]),
  resize_64: (image) => F.resize(image, 64),
  resize_nearest: (image) => F.resize(image, [20, 30], { interpolation: 'nearest' }),
  resize_bicubic: (image) => F.resize(image, [50, 70], { interpolation: 'bicubic' }),
  center_crop: (image) => F.centerCrop(image, [20, 24]),
  crop: (image) => F.crop(image, 3, 5, 20, 24),
  hflip: F.hflip,
  vflip: F.vflip,
  pad_const: (image) => F.pad(image, [1, 2, 3, 4], { fill: 7 }),
  pad_edge: (image) => F.pad(image, 3, { paddingMode: 'edge' }),
  pad_reflect: (image) => F.pad(image, 3, { paddingMode: 'reflect' }),
  pad_symmetric: (image) => F.pad(image, 3, { paddingMode: 'symmetric' }),
  brightness: (image) => F.adjustBrightness(image, 1.4),
  contrast: (image) => F.adjustContrast(image, 0.6),
  saturation: (image) => F.adjustSaturation(image, 1.5),
  hue: (image) => F.adjustHue(image, 0.2),
  rotate30: (image) => F.rotate(image, 30),
  gray1: (image) => F.toGrayscale(image),
  gray3: (image) => F.toGrayscale(image, { numOutputChannels: 3 }),
  to_tensor: (image) => F.toTensor(image),
  normalize: (image) => F.normalize(image, [120, 110, 100], [60, 50, 40], { dataFormat: 'HWC' }),
  transpose: (image) => new Transpose().forward(image),
};

describeOracle<TransformCase>('transforms', (name, expected) => {
  const [transform = '', backend] = name.split('.');
  const bytes = Uint8Array.from(uniform('image', 37 * 53 * 3), (u) => Math.floor(256 * u));
  const image = backend === 'pil' ? new Image(bytes, 53, 37) : new NdArray(bytes, [37, 53, 3]);
  const apply = transforms[transform];
  assert.ok(apply, `no transform for the case ${name}`);
  const transformed = apply(image);
  const result = transformed instanceof Image ? transformed.toNdArray() : transformed;
  assert.deepEqual(result.shape, expected.shape);
  assert.equal(result.dtype, expected.dtype);
  assertDigest(Array.from(result.data, Number), expected, 1e-6, name);
});

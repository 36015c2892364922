import assert from 'node:assert/strict';
import { assertDigest, describeOracle, uniform, type Digest } from '../support/oracle.js';
import { NdArray } from '../../src/common/ndarray.js';
import { Image } from '../../src/vision/index.js';
import { functional as F, Transpose, type ImageLike } from '../../src/vision/transforms/index.js';
import { isUnbuilt } from './unbuilt.js';

interface TransformCase extends Digest {
  readonly shape: number[];
  readonly dtype: string;
}

const transforms: Record<string, (image: ImageLike) => NdArray> = {
  to_tensor: (image) => F.toTensor(image),
  normalize: (image) => F.normalize(image, [120, 110, 100], [60, 50, 40], { dataFormat: 'HWC' }),
  transpose: (image) => new Transpose().forward(image),
};

describeOracle<TransformCase>(
  'transforms',
  (name, expected) => {
    const [transform = '', backend] = name.split('.');
    const bytes = Uint8Array.from(uniform('image', 37 * 53 * 3), (u) => Math.floor(256 * u));
    const image = backend === 'pil' ? new Image(bytes, 53, 37) : new NdArray(bytes, [37, 53, 3]);
    const apply = transforms[transform];
    assert.ok(apply, `no transform for the case ${name}`);
    const result = apply(image);
    assert.deepEqual(result.shape, expected.shape);
    assert.equal(result.dtype, expected.dtype);
    assertDigest(Array.from(result.data, Number), expected, 1e-6, name);
  },
  (name) => isUnbuilt('transforms', name),
);

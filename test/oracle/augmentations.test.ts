/**
 * Operations of RandAugment and TrivialAugment against those of torchvision with Pillow: augmentations.json, made by
 * augmentations.py.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { NdArray } from '../../src/common/ndarray.js';
import {
  magnitudeOf,
  operationNames,
  operations,
  randAugmentSpace,
  trivialAugmentSpace,
  type OperationName,
} from '../../src/vision/transforms/augmentation-space.js';
import { functional as F, type ImageLike } from '../../src/vision/transforms/index.js';
import { Image, ImageTensor } from '../../src/vision/index.js';
import { uniform } from '../support/oracle.js';

interface Expected {
  readonly salt: string;
  readonly tables: readonly {
    readonly space: 'RandAugment' | 'TrivialAugment';
    readonly bins: number;
    readonly size: readonly [number, number];
    readonly rows: Readonly<Record<OperationName, readonly [values: readonly number[], signed: boolean]>>;
  }[];
  readonly operations: readonly {
    readonly form: 'colour' | 'grey';
    readonly name: OperationName;
    readonly magnitude: number;
    readonly sha256: string;
  }[];
  readonly floats: Readonly<Record<string, Readonly<{ head: number[]; middle: number[]; sum: number }>>>;
}

const {
  salt,
  tables,
  operations: changed,
  floats,
} = JSON.parse(readFileSync(new URL('./augmentations.json', import.meta.url), 'utf8')) as Expected;

const [height, width] = [29, 41];
const bytes = Uint8Array.from(uniform('image', height * width * 3, salt), (u) => Math.floor(20 + 180 * u ** 2));
const images = {
  colour: new Image(bytes, width, height),
  grey: new Image(
    bytes.filter((_, i) => i % 3 === 0),
    width,
    height,
    1,
  ),
};
const planes = Float32Array.from(bytes, (_, i) => {
  const plane = height * width;
  return bytes[(i % plane) * 3 + Math.floor(i / plane)]! / 255;
});

describe('magnitudes of torchvision', () => {
  const spaces = { RandAugment: randAugmentSpace, TrivialAugment: trivialAugmentSpace };
  for (const { space, bins, size, rows } of tables) {
    it(`${space}, ${bins} of them, images of ${size.join(' x ')}`, () => {
      assert.deepEqual([...operationNames].sort(), Object.keys(rows).sort());
      for (const name of operationNames) {
        const [values, signed] = rows[name];
        values.forEach((value, bin) => {
          const got = magnitudeOf(name, spaces[space], bin, bins, size);
          assert.deepEqual(got, { value: Math.fround(value), signed }, `${name} ${bin}`);
        });
      }
    });
  }
});

describe('operations of Pillow, bit for bit', () => {
  for (const { form, name, magnitude, sha256 } of changed) {
    it(`${name} ${magnitude.toFixed(3)} of a ${form} image`, () => {
      const fill = form === 'colour' ? [9, 8, 7] : 9;
      const result = operations[name](images[form], magnitude, { interpolation: 'nearest', fill });
      assert.equal(createHash('sha256').update(Uint8Array.from(result.data, Number)).digest('hex'), sha256);
    });
  }

  it('also on the bytes of arrays and tensors', () => {
    const options = { interpolation: 'nearest', fill: 0 } as const;
    const array = images.colour.toNdArray();
    const tensor = new ImageTensor(F.transpose(array, [2, 0, 1]).data, [3, height, width]);
    const magnitudes = { Posterize: 3, Solarize: 120, AutoContrast: 0, Equalize: 0, Sharpness: -0.6 };
    for (const [name, magnitude] of Object.entries(magnitudes)) {
      const run = (image: ImageLike) => operations[name as OperationName](image, magnitude, options);
      const expected = run(images.colour).data;
      assert.deepEqual(run(array).data, expected);
      const result = run(tensor);
      assert.ok(result instanceof ImageTensor);
      assert.deepEqual(F.transpose(new NdArray(result.data as Uint8Array, result.shape), [1, 2, 0]).data, expected);
    }
  });
});

describe('operations of torchvision on floats', () => {
  const runs: Record<string, (image: ImageLike) => ImageLike> = {
    'posterize.3': (image) => F.posterize(image, 3),
    'solarize.0.4': (image) => F.solarize(image, image instanceof ImageTensor ? 0.4 : 0.4 * 255),
    autocontrast: (image) => F.autocontrast(image),
    equalize: (image) => F.equalize(image),
    'adjustSharpness.0.3': (image) => F.adjustSharpness(image, 0.3),
    'adjustSharpness.1.9': (image) => F.adjustSharpness(image, 1.9),
  };
  const tensor = new ImageTensor(planes, [3, height, width]);

  for (const [name, expected] of Object.entries(floats)) {
    it(name, () => {
      const values = Array.from(runs[name]!(tensor).data, Number);
      const near = (got: number, wanted: number) => assert.ok(Math.abs(got - wanted) < 1e-6, `${got}, not ${wanted}`);
      expected.head.forEach((wanted, i) => near(values[i]!, wanted));
      const middle = Math.floor(values.length / 2);
      expected.middle.forEach((wanted, i) => near(values[middle + i]!, wanted));
      near(values.reduce((sum, value) => sum + value, 0) / expected.sum, 1);
    });
  }

  it('in [0, 255] for arrays', () => {
    const array = new NdArray(Float32Array.from(bytes), [height, width, 3]);
    for (const run of Object.values(runs)) {
      const [first, last] = [run(tensor).data, run(array).data];
      for (let i = 0; i < last.length; i++) {
        const wanted = 255 * Number(first[(i % 3) * height * width + Math.floor(i / 3)]);
        assert.ok(Math.abs(Number(last[i]) - wanted) < 1e-3, `${last[i]}, not ${wanted}`);
      }
    }
  });
});

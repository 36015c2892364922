/**
 * Warped and resized images against those of real Paddle: warps.json, made by warps.py.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NdArray } from '../../src/common/ndarray.js';
import { Image } from '../../src/vision/index.js';
import {
  functional as F,
  type ImageLike,
  type Interpolation,
  type WarpInterpolation,
} from '../../src/vision/transforms/index.js';
import { uniform } from '../support/oracle.js';

interface WarpCase {
  readonly shape: readonly number[];
  readonly head: readonly number[];
  readonly middle: readonly number[];
  readonly sum: number;
}

const file = path.join('test', 'oracle', 'warps.json');
const { salt, cases } = JSON.parse(readFileSync(file, 'utf8')) as { salt: string; cases: Record<string, WarpCase> };

const bytes = Uint8Array.from(uniform('image', 37 * 53 * 3, salt), (u) => Math.floor(256 * u));
const forms: Record<string, ImageLike> = { pil: new Image(bytes, 53, 37), cv2: new NdArray(bytes, [37, 53, 3]) };
const fill = [9, 8, 7];

const runs: Record<string, (image: ImageLike, interpolation: string) => ImageLike> = {
  rotate: (image, how) => F.rotate(image, -17.3, { interpolation: how as WarpInterpolation, fill }),
  'rotate.expand': (image, how) =>
    F.rotate(image, 200.5, { interpolation: how as WarpInterpolation, fill, expand: true }),
  affine: (image, how) => F.affine(image, 20, [3, -2], 1.3, [8, -5], { interpolation: how as WarpInterpolation }),
  perspective: (image, how) =>
    F.perspective(
      image,
      [
        [0, 0],
        [52, 0],
        [52, 36],
        [0, 36],
      ],
      [
        [4, 3],
        [50, 6],
        [47, 33],
        [2, 30],
      ],
      { interpolation: how as WarpInterpolation, fill: image instanceof Image ? 0 : fill },
    ),
  'resize.down': (image, how) => F.resize(image, [20, 30], { interpolation: how as Interpolation }),
  'resize.up': (image, how) => F.resize(image, [64, 91], { interpolation: how as Interpolation }),
};

describe('warps of real Paddle', () => {
  for (const [name, expected] of Object.entries(cases)) {
    it(name, () => {
      const [form = '', ...rest] = name.split('.');
      const how = rest.pop() ?? '';
      const result = runs[rest.join('.')]!(forms[form]!, how);
      const array = result instanceof Image ? result.toNdArray() : result;
      assert.deepEqual(array.shape, expected.shape);
      const values = Array.from(array.data, Number);
      const near = (got: number, wanted: number) =>
        assert.ok(Math.abs(got - wanted) <= 1, `got ${got}, expected ${wanted}`);
      expected.head.forEach((wanted, index) => near(values[index]!, wanted));
      const middle = Math.floor(values.length / 2);
      expected.middle.forEach((wanted, index) => near(values[middle + index]!, wanted));
      // A few values of thousands are rounded the other way, or come from the pixel beside.
      const sum = values.reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - expected.sum) < 2e-3 * expected.sum, `sum ${sum}, expected ${expected.sum}`);
    });
  }
});

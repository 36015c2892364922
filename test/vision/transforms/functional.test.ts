import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NdArray } from '../../../src/common/ndarray.js';
import { Image, ImageTensor } from '../../../src/vision/index.js';
import { functional as F, type Corners, type ImageLike } from '../../../src/vision/transforms/index.js';
import { allForms, pixels, place } from './support.js';

const side = fc.integer({ min: 1, max: 9 });

/** Runs a property on each form of images. */
function forms(check: (image: ImageLike, height: number, width: number, form: string) => void): void {
  fc.assert(
    fc.property(side, side, (height, width) => {
      for (const [form, image] of Object.entries(allForms(height, width, place))) check(image, height, width, form);
    }),
    { numRuns: 30 },
  );
}

const expected = (rows: number[], columns: number[]) =>
  rows.map((y) => columns.map((x) => [0, 1, 2].map((c) => place(y, x, c))));
const range = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);

describe('moving pixels', () => {
  it('flips', () => {
    forms((image, height, width) => {
      const rows = range(0, height);
      const columns = range(0, width);
      assert.deepEqual(pixels(F.hflip(image)), expected(rows, [...columns].reverse()));
      assert.deepEqual(pixels(F.vflip(image)), expected([...rows].reverse(), columns));
    });
  });

  it('keeps the form and leaves the image as it was', () => {
    forms((image) => {
      const before = pixels(image);
      for (const result of [F.hflip(image), F.pad(image, 1), F.resize(image, [3, 4]), F.erase(image, 0, 0, 1, 1, 9)]) {
        assert.equal(result.constructor, image.constructor);
      }
      assert.deepEqual(pixels(image), before);
    });
  });

  it('crops', () => {
    fc.assert(
      fc.property(side, side, fc.nat(8), fc.nat(8), fc.nat(8), fc.nat(8), (height, width, a, b, c, d) => {
        const [top, left] = [a % height, b % width];
        const [rows, columns] = [1 + (c % (height - top)), 1 + (d % (width - left))];
        for (const image of Object.values(allForms(height, width, place))) {
          assert.deepEqual(
            pixels(F.crop(image, top, left, rows, columns)),
            expected(range(top, rows), range(left, columns)),
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it('gives black outside an Image, and refuses the outside of an array', () => {
    const { pil, cv2 } = allForms(2, 2, () => 9);
    const black = [0, 0, 0];
    assert.deepEqual(pixels(F.crop(pil, 1, -1, 2, 2)), [
      [black, [9, 9, 9]],
      [black, black],
    ]);
    assert.throws(() => F.crop(cv2, 1, 1, 2, 2), {
      code: 'OUT_OF_RANGE',
      message: /rows 1 to 3 and columns 1 to 3 of an image of 2 x 2/,
    });
  });

  it('rounds the middle to even numbers, as Python', () => {
    // (7 - 2) / 2 = 2.5 and (5 - 2) / 2 = 1.5 both round to 2.
    for (const image of Object.values(allForms(7, 5, place))) {
      assert.deepEqual(pixels(F.centerCrop(image, 2)), expected([2, 3], [2, 3]));
    }
  });

  const padded: Record<'edge' | 'reflect' | 'symmetric', number[]> = {
    edge: [0, 0, 0, 1, 2, 2, 2],
    reflect: [2, 1, 0, 1, 2, 1, 0],
    symmetric: [1, 0, 0, 1, 2, 2, 1],
  };
  for (const [paddingMode, columns] of Object.entries(padded) as [keyof typeof padded, number[]][]) {
    it(`pads with ${paddingMode}`, () => {
      for (const image of Object.values(allForms(3, 3, place))) {
        assert.deepEqual(pixels(F.pad(image, [2, 0], { paddingMode })), expected([0, 1, 2], columns));
        assert.deepEqual(pixels(F.pad(image, [0, 2], { paddingMode })), expected(columns, [0, 1, 2]));
      }
    });
  }

  it('pads with constants: a number fills the first channel, and all of a tensor', () => {
    const { pil, cv2, tensor } = allForms(1, 1, () => 9);
    const around = (edge: number[]) => [[edge, edge, edge].flatMap((one, i) => (i === 1 ? [[9, 9, 9]] : [one]))];
    for (const image of [pil, cv2]) assert.deepEqual(pixels(F.pad(image, [1, 0], { fill: 7 })), around([7, 0, 0]));
    assert.deepEqual(pixels(F.pad(tensor, [1, 0], { fill: 7 })), around([7, 7, 7]));
    for (const image of [pil, cv2, tensor])
      assert.deepEqual(pixels(F.pad(image, [1, 0], { fill: [1, 2, 3] })), around([1, 2, 3]));
    assert.deepEqual(pixels(F.pad(pil, [1, 2, 0, 0])).length, 3);
  });

  it('erases a rectangle, in place on demand', () => {
    for (const image of Object.values(allForms(3, 3, place))) {
      const wanted = pixels(image);
      for (const y of [1, 2]) for (const x of [0, 1]) wanted[y]![x] = [1, 2, 3];
      assert.deepEqual(pixels(F.erase(image, 1, 0, 2, 2, [1, 2, 3])), wanted);
      assert.equal(F.erase(image, 1, 0, 2, 2, [1, 2, 3], { inplace: true }), image);
      assert.deepEqual(pixels(image), wanted);
    }
  });

  it('erases with a value for each element', () => {
    const { cv2, tensor } = allForms(2, 2, () => 0);
    const values = [1, 2, 3, 4, 5, 6];
    assert.deepEqual(
      pixels(F.erase(cv2, 0, 0, 2, 1, values)).map((row) => row[0]),
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    );
    assert.deepEqual(
      pixels(F.erase(tensor, 0, 0, 2, 1, values)).map((row) => row[0]),
      [
        [1, 3, 5],
        [2, 4, 6],
      ],
    );
  });
});

describe('resize', () => {
  const interpolations = {
    pil: ['nearest', 'bilinear', 'bicubic', 'box', 'lanczos', 'hamming'],
    cv2: ['nearest', 'bilinear', 'area', 'bicubic', 'lanczos'],
    tensor: ['nearest', 'bilinear', 'area', 'bicubic'],
  } as const;

  it('keeps images of one colour, by any interpolation and to any size', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.nat(255), (height, width, toHeight, toWidth, value) => {
        for (const [form, image] of Object.entries(allForms(height, width, () => value))) {
          for (const interpolation of interpolations[form as 'pil']) {
            const result = F.resize(image, [toHeight, toWidth], { interpolation });
            assert.deepEqual(pixels(result), pixels(allForms(toHeight, toWidth, () => value).cv2));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes a number for the shorter side and rounds the other down', () => {
    for (const image of Object.values(allForms(28, 24, place))) {
      assert.deepEqual([pixels(F.resize(image, 40)).length, pixels(F.resize(image, 40))[0]?.length], [46, 40]);
      assert.equal(F.resize(image, 24), image);
    }
  });

  it('means over what a pixel covers with area, box, and the halving of an array', () => {
    const { pil, cv2, tensor } = allForms(2, 4, (y, x) => 10 * x + 4 * y);
    const wanted = [
      [
        [7, 7, 7],
        [27, 27, 27],
      ],
    ];
    assert.deepEqual(pixels(F.resize(pil, [1, 2], { interpolation: 'box' })), wanted);
    assert.deepEqual(pixels(F.resize(cv2, [1, 2], { interpolation: 'area' })), wanted);
    assert.deepEqual(pixels(F.resize(cv2, [1, 2])), wanted);
    assert.deepEqual(pixels(F.resize(tensor, [1, 2], { interpolation: 'area' })), wanted);
  });

  it('interpolates floats without rounding', () => {
    const row = Float32Array.of(0, 1);
    for (const image of [new NdArray(row, [1, 2]), new ImageTensor(row, [1, 1, 2])]) {
      const { data } = F.resize(image, [1, 4]);
      assert.deepEqual(data, Float32Array.of(0, 0.25, 0.75, 1));
    }
  });

  it('gives transparent pixels no say in the colour', () => {
    const image = new Image(Uint8Array.of(200, 100, 50, 255, 0, 0, 0, 0), 2, 1, 4);
    const [[[r, g, b, a] = []] = []] = pixels(F.resize(image, [1, 1], { interpolation: 'box' }));
    assert.deepEqual([r, g, b, a], [199, 99, 49, 128]);
  });

  it('refuses what a form does not have', () => {
    const { pil, cv2, tensor } = allForms(2, 2, place);
    assert.throws(
      () => F.resize(pil, 3, { interpolation: 'area' }),
      /interpolation must be one of 'nearest', 'bilinear'/,
    );
    assert.throws(() => F.resize(cv2, 3, { interpolation: 'box' }), /interpolation must be one of/);
    assert.throws(() => F.resize(tensor, 3, { interpolation: 'lanczos' }), /interpolation must be one of/);
    assert.throws(() => F.resize(pil, -1), /size must be a positive integer, got -1/);
    assert.throws(
      () => F.resize(5 as unknown as Image, 2),
      /resize takes an Image or an NdArray of 2 or 3 axes, got 5/,
    );
  });
});

describe('rotate', () => {
  it('by a quarter moves pixels, counter-clockwise', () => {
    // What is at the top right comes to the top left.
    for (const image of [allForms(4, 4, place).pil, allForms(4, 4, place).tensor]) {
      for (const interpolation of ['nearest', 'bilinear', 'bicubic'] as const) {
        const turned = Array.from({ length: 4 }, (_, y) =>
          Array.from({ length: 4 }, (__, x) => [0, 1, 2].map((c) => place(x, 3 - y, c))),
        );
        assert.deepEqual(pixels(F.rotate(image, 90, { interpolation })), turned);
      }
    }
  });

  it('grows on demand, and keeps the image when it does not turn', () => {
    for (const image of Object.values(allForms(3, 5, place))) {
      const grown = pixels(F.rotate(image, 90, { expand: true }));
      assert.deepEqual([grown.length, grown[0]?.length], [5, 3]);
      assert.deepEqual(pixels(F.rotate(image, 0, { interpolation: 'bicubic' })), pixels(image));
    }
  });

  it('fills what comes from outside', () => {
    const { pil, cv2, tensor } = allForms(4, 4, () => 9);
    const corner = (image: ImageLike, fill: number | number[]) => pixels(F.rotate(image, 45, { fill }))[0]?.[0];
    assert.deepEqual(corner(pil, 5), [5, 5, 5]);
    assert.deepEqual(corner(tensor, 5), [5, 5, 5]);
    assert.deepEqual(corner(cv2, 5), [5, 0, 0]);
    for (const image of [pil, cv2, tensor]) assert.deepEqual(corner(image, [1, 2, 3]), [1, 2, 3]);
  });

  it('turns around a given place', () => {
    const { pil } = allForms(3, 3, place);
    assert.deepEqual(pixels(F.rotate(pil, 180, { center: [1, 1] }))[0]?.[0], pixels(pil)[1]?.[1]);
  });
});

describe('affine', () => {
  it('moves pixels', () => {
    for (const image of Object.values(allForms(3, 4, place))) {
      const moved = pixels(F.affine(image, 0, [1, 2], 1, 0, { fill: 6 }));
      assert.deepEqual(moved[2]?.slice(1), pixels(image)[0]?.slice(0, 3));
      assert.deepEqual(
        [moved[0]?.[2], moved[2]?.[0]],
        [
          [6, 6, 6],
          [6, 6, 6],
        ],
      );
    }
  });

  it('doubles around the middle, and turns clockwise', () => {
    for (const image of Object.values(allForms(4, 4, place))) {
      const doubled = pixels(F.affine(image, 0, [0, 0], 2, 0));
      assert.deepEqual(doubled, expected([1, 1, 2, 2], [1, 1, 2, 2]));
      const turned = Array.from({ length: 4 }, (_, y) =>
        Array.from({ length: 4 }, (__, x) => pixels(image)[3 - x]?.[y]),
      );
      assert.deepEqual(pixels(F.affine(image, 90, [0, 0], 1, 0)), turned);
    }
  });

  it('refuses a scale of 0', () => {
    assert.throws(() => F.affine(allForms(2, 2, place).pil, 0, [0, 0], 0, 0), /scale must be above 0, got 0/);
  });
});

describe('perspective', () => {
  const square = (left: number, top: number, side: number): Corners => [
    [left, top],
    [left + side, top],
    [left + side, top + side],
    [left, top + side],
  ];

  it('moves the corners where they are told to', () => {
    for (const image of Object.values(allForms(5, 5, place))) {
      assert.deepEqual(pixels(F.perspective(image, square(0, 0, 4), square(0, 0, 4))), pixels(image));
      const moved = pixels(F.perspective(image, square(0, 0, 3), square(1, 2, 3), { fill: [1, 2, 3] }));
      assert.deepEqual(moved[4]?.slice(1), pixels(image)[2]?.slice(0, 4));
      assert.deepEqual(moved[0]?.[0], [1, 2, 3]);
    }
  });

  it('refuses corners on a line', () => {
    const flat: Corners = [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
    ];
    const { pil } = allForms(4, 4, place);
    assert.throws(() => F.perspective(pil, square(0, 0, 3), flat), /no three of four corners may lie on one line/);
    assert.throws(() => F.perspective(pil, [[0, 0]] as never, flat), /startpoints must be four places \[x, y\]/);
  });
});

describe('colours', () => {
  const colours = () => allForms(4, 4, place);

  it('stay with the factor 1, and without a turn', () => {
    for (const image of Object.values(colours())) {
      for (const adjust of [F.adjustBrightness, F.adjustContrast, F.adjustSaturation]) {
        assert.deepEqual(pixels(adjust(image, 1)), pixels(image));
      }
    }
  });

  it('become black, one grey, or grey with the factor 0', () => {
    for (const image of Object.values(colours())) {
      assert.ok(
        pixels(F.adjustBrightness(image, 0))
          .flat(2)
          .every((value) => value === 0),
      );
      assert.equal(new Set(pixels(F.adjustContrast(image, 0)).flat(2)).size, 1);
      assert.ok(
        pixels(F.adjustSaturation(image, 0))
          .flat(1)
          .every(([r, g, b]) => r === g && g === b),
      );
    }
  });

  it('turn by a third of the circle', () => {
    const red = allForms(1, 1, (_, __, c) => (c === 0 ? 255 : 0));
    assert.deepEqual(pixels(F.adjustHue(red.pil, 1 / 3)).flat(2), [0, 255, 0]);
    // The channels of an array are blue, green, red to Paddle: its hues turn the other way.
    assert.deepEqual(
      pixels(F.adjustHue(red.cv2, 1 / 3))
        .flat(2)
        .map((value) => Math.round(value / 32)),
      [0, 0, 8],
    );
    const unit = new ImageTensor(Float32Array.of(1, 0, 0), [3, 1, 1]);
    F.adjustHue(unit, 1 / 3).data.forEach((value, c) => assert.ok(Math.abs(Number(value) - (c === 1 ? 1 : 0)) < 1e-6));
  });

  it('keep floats of tensors in [0, 1]', () => {
    const unit = new ImageTensor(Float32Array.of(0.2, 0.6, 0.9, 0.4, 0.5, 0.1), [3, 1, 2]);
    const close = (image: NdArray, wanted: number[]) =>
      wanted.forEach((value, i) =>
        assert.ok(Math.abs(Number(image.data[i]) - value) < 1e-6, `${String(image.data[i])} ${value}`),
      );
    close(F.adjustBrightness(unit, 2), [0.4, 1, 1, 0.8, 1, 0.2]);
    const grey = [0.2989 * 0.2 + 0.587 * 0.9 + 0.114 * 0.5, 0.2989 * 0.6 + 0.587 * 0.4 + 0.114 * 0.1];
    close(F.toGrayscale(unit), grey);
    const mean = (grey[0]! + grey[1]!) / 2;
    close(
      F.adjustContrast(unit, 0.5),
      [0.2, 0.6, 0.9, 0.4, 0.5, 0.1].map((value) => (value + mean) / 2),
    );
    close(
      F.adjustSaturation(unit, 0.5),
      [0.2, 0.6, 0.9, 0.4, 0.5, 0.1].map((value, i) => (value + grey[i % 2]!) / 2),
    );
  });

  it('do not touch grey images or transparency', () => {
    const grey = new Image(Uint8Array.of(3, 4), 2, 1, 1);
    assert.equal(F.adjustHue(grey, 0.3), grey);
    assert.deepEqual(Array.from(F.adjustSaturation(grey, 0.3).data), [3, 4]);
    const clear = new Image(Uint8Array.of(10, 20, 30, 40), 1, 1, 4);
    assert.deepEqual(Array.from(F.adjustBrightness(clear, 2).data), [20, 40, 60, 40]);
  });

  it('refuse wrong factors', () => {
    const { pil } = colours();
    assert.throws(() => F.adjustHue(pil, 0.6), /hueFactor must be a number between -0\.5 and 0\.5, got 0\.6/);
    assert.throws(() => F.adjustBrightness(pil, -1), /brightnessFactor must be a number of at least 0, got -1/);
    assert.throws(() => F.toGrayscale(pil, { numOutputChannels: 2 as 1 }), /numOutputChannels must be 1 or 3, got 2/);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { getRandomState, seed } from '../../../src/common/random.js';
import {
  BrightnessTransform,
  CenterCrop,
  ColorJitter,
  ContrastTransform,
  functional as F,
  Grayscale,
  HueTransform,
  Pad,
  RandAugment,
  RandomAffine,
  RandomCrop,
  RandomErasing,
  RandomHorizontalFlip,
  RandomPerspective,
  RandomResizedCrop,
  RandomRotation,
  RandomVerticalFlip,
  Resize,
  SaturationTransform,
  ToTensor,
  TrivialAugment,
  type BaseTransform,
  type ImageLike,
} from '../../../src/vision/transforms/index.js';
import {
  magnitudeOf,
  operationNames,
  operations,
  randAugmentSpace,
  trivialAugmentSpace,
  type Space,
} from '../../../src/vision/transforms/augmentation-space.js';
import { allForms, pixels, place } from './support.js';

/** Every random transform, for checks that concern them all. */
const randomTransforms: Record<string, () => BaseTransform> = {
  RandomHorizontalFlip: () => new RandomHorizontalFlip(),
  RandomVerticalFlip: () => new RandomVerticalFlip(),
  RandomCrop: () => new RandomCrop(4, { padding: 2 }),
  RandomResizedCrop: () => new RandomResizedCrop([5, 6]),
  BrightnessTransform: () => new BrightnessTransform(0.5),
  ContrastTransform: () => new ContrastTransform(0.5),
  SaturationTransform: () => new SaturationTransform(0.5),
  HueTransform: () => new HueTransform(0.4),
  RandomRotation: () => new RandomRotation(60),
  RandomAffine: () => new RandomAffine(30, { translate: [0.2, 0.2], scale: [0.8, 1.2], shear: [-5, 5, -5, 5] }),
  RandomPerspective: () => new RandomPerspective(),
  RandomErasing: () => new RandomErasing({ value: 'random' }),
  ColorJitter: () => new ColorJitter({ brightness: 0.5, contrast: 0.5, saturation: 0.5, hue: 0.2 }),
  RandAugment: () => new RandAugment(),
  TrivialAugment: () => new TrivialAugment(),
};

const image = () => allForms(8, 9, place);

for (const [name, make] of Object.entries(randomTransforms)) {
  describe(name, () => {
    const run = (input: ImageLike, count = 12) => {
      seed(7);
      const transform = make();
      return Array.from({ length: count }, () => pixels(transform.forward(input)));
    };

    it('follows the seed, and differs from call to call', () => {
      const results = run(image().pil);
      assert.deepEqual(run(image().pil), results);
      assert.ok(new Set(results.map((one) => JSON.stringify(one))).size > 1);
    });

    it('takes one stream a call, whatever the image is', () => {
      for (const input of [...Object.values(image()), allForms(9, 8, () => 0).pil]) {
        seed(7);
        make().forward(input);
        assert.deepEqual(getRandomState().counters, { augmentation: 1 });
      }
    });

    it('does the same to all images of a call', () => {
      const transform = make();
      Object.assign(transform, { keys: ['image', 'image'] });
      for (let i = 0; i < 8; i++) {
        const [a, b, label] = transform.forward([image().pil, image().pil, 5]);
        assert.deepEqual(a, b);
        assert.equal(label, 5);
      }
    });
  });
}

describe('RandomHorizontalFlip and RandomVerticalFlip', () => {
  it('flip about as often as told', () => {
    seed(3);
    const { pil } = image();
    for (const [prob, least, most] of [
      [0, 0, 0],
      [0.25, 60, 140],
      [1, 400, 400],
    ] as const) {
      for (const transform of [new RandomHorizontalFlip({ prob }), new RandomVerticalFlip({ prob })]) {
        let flips = 0;
        for (let i = 0; i < 400; i++) if (transform.forward(pil) !== pil) flips++;
        assert.ok(flips >= least && flips <= most, `${flips} at ${prob}`);
      }
    }
  });
});

describe('RandomCrop', () => {
  it('reaches every place of the padded image', () => {
    seed(1);
    const transform = new RandomCrop(3, { padding: 1 });
    const { pil } = allForms(3, 3, place);
    const places = new Map(
      [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => [JSON.stringify(pixels(F.crop(F.pad(pil, 1), y, x, 3, 3))), 0])),
    );
    for (let i = 0; i < 300; i++) {
      const key = JSON.stringify(pixels(transform.forward(pil)));
      const count = places.get(key);
      assert.ok(count !== undefined);
      places.set(key, count + 1);
    }
    // 300 draws over nine places: each is expected 33 times.
    for (const count of places.values()) assert.ok(count > 10 && count < 70, String([...places.values()]));
  });

  it('pads what is missing, or says what is', () => {
    const { pil } = allForms(2, 9, place);
    assert.throws(() => new RandomCrop(4).forward(pil), /RandomCrop takes 4 x 4 of an image of 2 x 9; use padding/);
    const result = pixels(new RandomCrop(4, { padIfNeeded: true }).forward(pil));
    assert.deepEqual([result.length, result[0]?.length], [4, 4]);
  });
});

describe('RandomResizedCrop', () => {
  it('gives the size asked for, of any image', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        (height, width, start) => {
          seed(start);
          for (const one of Object.values(allForms(height, width, () => 77))) {
            assert.deepEqual(pixels(new RandomResizedCrop([3, 5]).forward(one)), pixels(allForms(3, 5, () => 77).cv2));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes the largest allowed part of the middle when nothing fits', () => {
    // No square of 90 to 100 % of the area fits into 2 x 8, so the middle 2 x 2 is taken.
    const { cv2 } = allForms(2, 8, place);
    const transform = new RandomResizedCrop(2, { scale: [0.9, 1], ratio: [1, 1] });
    assert.deepEqual(pixels(transform.forward(cv2)), pixels(F.crop(cv2, 0, 3, 2, 2)));
  });
});

describe('RandomErasing', () => {
  it('writes one rectangle of an allowed area, about as often as told', () => {
    seed(5);
    const { pil } = allForms(20, 20, () => 7);
    const transform = new RandomErasing({ prob: 0.7, scale: [0.1, 0.2], ratio: [1, 1], value: [1, 2, 3] });
    let erased = 0;
    for (let i = 0; i < 200; i++) {
      const changed = pixels(transform.forward(pil)).flatMap((row, y) =>
        row.flatMap((pixel, x) => (pixel[0] === 7 ? [] : [{ y, x, pixel }])),
      );
      if (changed.length === 0) continue;
      erased++;
      const [ys, xs] = [changed.map(({ y }) => y), changed.map(({ x }) => x)];
      const extent = (values: number[]) => Math.max(...values) - Math.min(...values) + 1;
      assert.equal(extent(ys) * extent(xs), changed.length);
      assert.ok(changed.length >= 36 && changed.length <= 81, String(changed.length));
      for (const { pixel } of changed) assert.deepEqual(pixel, [1, 2, 3]);
    }
    assert.ok(erased > 110 && erased < 170, String(erased));
  });
});

describe('RandAugment and TrivialAugment', () => {
  const options = { interpolation: 'nearest', fill: 5 } as const;
  const textOf = (one: ImageLike) => JSON.stringify(pixels(one));

  /** Every result of one operation. */
  const resultsOf = (one: ImageLike, space: Space, level: number, bins: number): ImageLike[] =>
    operationNames.flatMap((name) => {
      const { value, signed } = magnitudeOf(name, space, level, bins, [8, 9]);
      return (signed ? [value, -value] : [value]).map((magnitude) => operations[name](one, magnitude, options));
    });

  for (const [form, one] of Object.entries(image())) {
    it(`TrivialAugment gives all that one operation can give, and nothing else, of ${form}`, () => {
      seed(4);
      const transform = new TrivialAugment({ numMagnitudeBins: 3, fill: 5 });
      const all = [0, 1, 2].flatMap((level) => resultsOf(one, trivialAugmentSpace, level, 3));
      const counts = new Map(all.map((result) => [textOf(result), 0]));
      let same = 0;
      for (let i = 0; i < 1000; i++) {
        const result = transform.forward(one);
        if (result === one) same++;
        const count = counts.get(textOf(result));
        assert.ok(count !== undefined);
        counts.set(textOf(result), count + 1);
      }
      // The rarest comes once in 84 draws. Nothing is done by one of 14 operations, and by moving by 0 to whom it is told.
      for (const count of counts.values()) assert.ok(count > 0);
      assert.ok(same > 40 && same < 110, String(same));
    });
  }

  it('RandAugment does the operations one after the other', () => {
    seed(4);
    const { pil } = image();
    const transform = new RandAugment({ numOps: 2, magnitude: 20, fill: 5 });
    const once = resultsOf(pil, randAugmentSpace, 20, 31);
    const twice = new Set(once.flatMap((one) => resultsOf(one, randAugmentSpace, 20, 31).map(textOf)));
    const results = Array.from({ length: 100 }, () => textOf(transform.forward(pil)));
    for (const result of results) assert.ok(twice.has(result));
    const single = new Set(once.map(textOf));
    assert.ok(results.filter((result) => !single.has(result)).length > 60);
    assert.equal(new RandAugment({ numOps: 0 }).forward(pil), pil);
  });

  it('fill all channels with one value', () => {
    for (const one of Object.values(image())) {
      const filled = pixels(operations.Rotate(one, 45, { interpolation: 'nearest', fill: 77 }))[0]![0];
      assert.deepEqual(filled, [77, 77, 77]);
    }
  });
});

describe('colour transforms', () => {
  it('change nothing when told to', () => {
    const { pil } = image();
    for (const transform of [
      new BrightnessTransform(0),
      new HueTransform(0),
      new ColorJitter(),
      new ContrastTransform([1, 1]),
    ])
      assert.equal(transform.forward(pil), pil);
  });

  it('stay within the range', () => {
    seed(2);
    const { pil } = allForms(1, 1, () => 100);
    const transform = new BrightnessTransform([0.5, 1.5]);
    const values = Array.from({ length: 200 }, () => pixels(transform.forward(pil))[0]![0]![0]!);
    assert.ok(Math.min(...values) >= 50 && Math.min(...values) < 60);
    assert.ok(Math.max(...values) < 150 && Math.max(...values) > 140);
  });
});

describe('transforms as classes', () => {
  it('do what their functions do', () => {
    for (const one of Object.values(image())) {
      assert.deepEqual(new Resize(5).forward(one), F.resize(one, 5));
      assert.deepEqual(new CenterCrop(5).forward(one), F.centerCrop(one, 5));
      assert.deepEqual(new Pad(2, { fill: 3 }).forward(one), F.pad(one, 2, { fill: 3 }));
      assert.deepEqual(new Grayscale().forward(one), F.toGrayscale(one));
    }
  });

  it('go on with what ToTensor made', () => {
    const tensor = new ToTensor().forward(image().pil);
    const flipped = new RandomHorizontalFlip({ prob: 1 }).forward(tensor);
    assert.deepEqual(flipped, new ToTensor().forward(F.hflip(image().pil)));
  });

  const refused: [string, () => unknown, RegExp][] = [
    ['a size below 1', () => new Resize(0), /size must be a positive integer, got 0/],
    [
      'a size of three',
      () => new CenterCrop([1, 2, 3] as never),
      /size must be an array of 2 numbers, got \[1, 2, 3\]/,
    ],
    [
      'padding of three',
      () => new Pad([1, 2, 3] as never),
      /padding must be an array of 2 or 4 numbers, got \[1, 2, 3\]/,
    ],
    [
      'an unknown padding mode',
      () => new Pad(1, { paddingMode: 'wrap' as never }),
      /paddingMode must be one of 'constant'/,
    ],
    [
      'a probability above 1',
      () => new RandomHorizontalFlip({ prob: 2 }),
      /prob must be a number between 0 and 1, got 2/,
    ],
    ['a range upside down', () => new RandomResizedCrop(3, { scale: [1, 0.5] }), /scale must be \[smallest, largest\]/],
    ['a negative factor', () => new ContrastTransform(-1), /value must be a number of at least 0, got -1/],
    ['hue beyond half the circle', () => new HueTransform(0.6), /value must be a number between 0 and 0\.5, got 0\.6/],
    ['two channels', () => new Grayscale({ numOutputChannels: 2 as 1 }), /numOutputChannels must be 1 or 3, got 2/],
    [
      'an unknown interpolation',
      () => new Resize(3, { interpolation: 'linear' as never }),
      /interpolation must be one of/,
    ],
    ['a negative angle', () => new RandomRotation(-1), /degrees must be a number of at least 0, got -1/],
    [
      'a move beyond the image',
      () => new RandomAffine(5, { translate: [0, 2] }),
      /translate\[1\] must be .* between 0 and 1, got 2/,
    ],
    ['a scale of 0', () => new RandomAffine(5, { scale: [0, 1] }), /scale\[0\] must be a number of at least/],
    [
      'a shear of three',
      () => new RandomAffine(5, { shear: [1, 2, 3] as never }),
      /shear must be an array of 2 numbers/,
    ],
    [
      'a distortion above 1',
      () => new RandomPerspective({ distortionScale: 2 }),
      /distortionScale must be .* between 0 and 1, got 2/,
    ],
    [
      'no magnitudes',
      () => new TrivialAugment({ numMagnitudeBins: 1 }),
      /numMagnitudeBins must be .* at least 2, got 1/,
    ],
    ['a magnitude beyond all', () => new RandAugment({ magnitude: 31 }), /magnitude must be below numMagnitudeBins/],
    ['half an operation', () => new RandAugment({ numOps: 0.5 }), /numOps must be .* got 0\.5/],
    ['no bits', () => F.posterize(image().pil, 0), /bits must be a whole number from 1 to 8, got 0/],
    ['a value of two', () => new RandomErasing({ value: [1, 2] }), /value must be 'random', a number or three numbers/],
    ['a word as value', () => new RandomErasing({ value: 'noise' as never }), /value must be 'random'.*got "noise"/],
    ['unknown options', () => new RandomCrop(3, { pad_if_needed: true } as never), /did you mean 'padIfNeeded'/],
  ];
  for (const [what, make, message] of refused) it(`refuse ${what}`, () => assert.throws(make, message));
});

import assert from 'node:assert/strict';
import { NdArray } from '../../src/common/ndarray.js';
import { getImageBackend, Image, setImageBackend, type ImageBackend } from '../../src/vision/index.js';
import {
  BaseTransform,
  Compose,
  Normalize,
  ToTensor,
  Transpose,
  type ImageLike,
} from '../../src/vision/transforms/index.js';

const image = () =>
  new Image(
    Uint8Array.from({ length: 12 }, (_, i) => i * 20),
    2,
    2,
    3,
  );
const grey = () => new Image(Uint8Array.of(0, 51, 102, 255), 2, 2, 1);
const list = ({ data }: NdArray) => Array.from(data, Number);

describe('ToTensor', () => {
  it('puts channels first and bytes into [0, 1]', () => {
    const result = new ToTensor().forward(grey());
    assert.deepEqual(result.shape, [1, 2, 2]);
    assert.equal(result.dtype, 'float32');
    assert.deepEqual(list(result), list(new NdArray(Float32Array.of(0, 0.2, 0.4, 1), [4])));
    assert.deepEqual(
      list(new ToTensor().forward(image()))
        .slice(0, 4)
        .map((v) => Math.round(v * 255)),
      [0, 60, 120, 180],
    );
  });

  it('keeps channels last on demand', () => {
    assert.deepEqual(new ToTensor({ dataFormat: 'HWC' }).forward(image()).shape, [2, 2, 3]);
  });

  it('leaves arrays of other types unscaled, and copies them', () => {
    const floats = new NdArray(Float32Array.of(3, 4), [1, 2]);
    const result = new ToTensor().forward(floats);
    assert.deepEqual(result.shape, [1, 1, 2]);
    result.data[0] = 9;
    assert.deepEqual(list(floats), [3, 4]);
  });
});

describe('Normalize', () => {
  it('takes a number, or one for each channel', () => {
    const array = new NdArray(Float32Array.of(1, 2, 3, 4), [2, 1, 2]);
    assert.deepEqual(list(new Normalize({ mean: 1, std: 2 }).forward(array)), [0, 0.5, 1, 1.5]);
    assert.deepEqual(list(new Normalize({ mean: [1, 3], std: [1, 2] }).forward(array)), [0, 1, 0, 0.5]);
  });

  it('reverses the last axis on demand', () => {
    const array = new NdArray(Float32Array.of(1, 2, 3), [1, 1, 3]);
    assert.deepEqual(
      list(new Normalize({ mean: 0, std: 1, dataFormat: 'HWC', toRgb: true }).forward(array)),
      [3, 2, 1],
    );
  });

  it('counts the means', () => {
    assert.throws(() => new Normalize({ mean: [1, 2], std: 1, dataFormat: 'HWC' }).forward(image()), {
      code: 'SHAPE_MISMATCH',
      message: 'mean must have one value for each of 3 channels, got 2',
    });
  });
});

describe('Transpose', () => {
  it('keeps the type', () => {
    const result = new Transpose().forward(image());
    assert.deepEqual(result.shape, [3, 2, 2]);
    assert.equal(result.dtype, 'uint8');
    assert.deepEqual(list(result).slice(0, 4), [0, 60, 120, 180]);
  });

  it('refuses an incomplete order', () => {
    assert.throws(() => new Transpose({ order: [0, 0, 1] }).forward(image()), /each of the axes 0, 1, 2 once/);
  });
});

describe('Compose', () => {
  it('applies transforms and functions in order', () => {
    const compose = new Compose([
      new ToTensor(),
      new Normalize({ mean: 0.5, std: 0.5 }),
      (x: ImageLike): NdArray => x as NdArray,
    ]);
    assert.deepEqual(list(compose.forward(grey())).at(-1), 1);
  });

  it('refuses nothing at all', () => {
    assert.throws(() => new Compose([] as unknown as [ToTensor]), /transforms must be an array/);
  });
});

describe('BaseTransform', () => {
  class Negate extends BaseTransform<NdArray> {
    protected applyImage(input: ImageLike): NdArray {
      const array = input as NdArray<'float32'>;
      return new NdArray(
        array.data.map((value) => -value),
        array.shape,
      );
    }
    protected applyMask(mask: NdArray<'float32'>): string {
      return `mask of ${mask.size}`;
    }
  }
  const array = () => new NdArray(Float32Array.of(1, 2), [1, 2]);

  it('applies by key and lets the rest pass', () => {
    const [first, second, third] = new Negate({ keys: ['image', 'mask'] }).forward([array(), array(), 'label']);
    assert.deepEqual(list(first as NdArray), [-1, -2]);
    assert.equal(second, 'mask of 2');
    assert.equal(third, 'label');
  });

  it('refuses a key without a method, an input that is no image, and unknown options', () => {
    assert.throws(() => new Negate({ keys: ['boxes'] }).forward([1]), /has no applyBoxes/);
    assert.throws(() => new ToTensor().forward(3 as unknown as Image), /ToTensor takes an Image or an NdArray/);
    assert.throws(() => new ToTensor({ format: 'HWC' } as object), /ToTensor has no option 'format'/);
    assert.throws(() => new ToTensor({ dataFormat: 'WHC' as 'HWC' }).forward(grey()), /dataFormat must be one of/);
  });
});

describe('Image', () => {
  it('checks its size', () => {
    assert.throws(() => new Image(new Uint8Array(5), 2, 2, 1), /has 4 bytes, got 5/);
    assert.throws(() => new Image(new Uint8Array(8), 2, 2, 2), /channels must be 1, 3 or 4/);
  });

  it('is an array without a copy', () => {
    assert.deepEqual(image().toNdArray().shape, [2, 2, 3]);
    assert.deepEqual(grey().toNdArray().shape, [2, 2]);
  });
});

describe('setImageBackend', () => {
  afterEach(() => setImageBackend('pil'));

  it('is pil at the start', () => assert.equal(getImageBackend(), 'pil'));

  it('refuses unknown backends', () => {
    setImageBackend('cv2');
    assert.throws(() => setImageBackend('gd' as ImageBackend), /backend must be one of/);
    assert.equal(getImageBackend(), 'cv2');
  });
});

/**
 * One view of all forms of images, for what moves or mixes pixels.
 *
 * @module
 */
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { NdArray, zerosOf, type DType } from '../../common/ndarray.js';
import { ImageTensor } from '../image-tensor.js';
import { Image } from '../image.js';
import { checkFill, type Fill } from './arguments.js';
import { checkImage, type ImageLike } from './transform.js';

/** Elements of an image as an array [planes, height, width, channels]: one of `planes` and `channels` is 1. */
export interface Raster {
  /** The elements. Their type is `dtype`, whatever TypeScript is told. */
  readonly data: Float32Array;
  /** Type of the elements. */
  readonly dtype: DType;
  /** Number of channels when they come first, else 1. */
  readonly planes: number;
  /** Rows. */
  readonly height: number;
  /** Pixels in a row. */
  readonly width: number;
  /** Number of channels when they come last, else 1. */
  readonly channels: number;
}

/** How an image is stored, and so whose arithmetic it gets: Pillow's, OpenCV's, or that of tensors. */
export type Storage = 'pil' | 'cv2' | 'tensor';

/** How an image is stored. */
export function storageOf(image: ImageLike): Storage {
  return image instanceof Image ? 'pil' : image instanceof ImageTensor ? 'tensor' : 'cv2';
}

/** Height and width of an image. */
export function sizeOfImage(image: ImageLike): readonly [height: number, width: number] {
  if (image instanceof Image) return [image.height, image.width];
  const first = image instanceof ImageTensor ? 1 : 0;
  return [image.shape[first] ?? 0, image.shape[first + 1] ?? 0];
}

/** Number of channels of an image. */
export function channelsOf(image: ImageLike): number {
  if (image instanceof Image) return image.channels;
  return (image instanceof ImageTensor ? image.shape[0] : image.shape[2]) ?? 1;
}

/** The elements of an image, not copied. */
export function rasterOf(where: string, image: ImageLike): Raster {
  checkImage(where, image);
  const [height, width] = sizeOfImage(image);
  const channels = channelsOf(image);
  const first = image instanceof ImageTensor;
  return {
    data: image.data as Float32Array,
    dtype: image instanceof Image ? 'uint8' : image.dtype,
    planes: first ? channels : 1,
    height,
    width,
    channels: first ? 1 : channels,
  };
}

/** The elements of an image that is computed with, not only moved. */
export function numericRasterOf(where: string, image: ImageLike): Raster {
  const raster = rasterOf(where, image);
  if (raster.dtype !== 'int64') return raster;
  throw new InvalidArgumentError(`${where} does not take images of int64`);
}

/** A raster of zeros, like another one in all but its size. */
export function blankRaster(like: Raster, height: number, width: number): Raster {
  const data = zerosOf(like.dtype, like.planes * height * width * like.channels) as Float32Array;
  return { ...like, data, height, width };
}

/** An image of the form of `like`, with the elements of a raster; they are not copied. */
export function imageOf<I extends ImageLike>(raster: Raster, like: I): I {
  const { data, dtype, planes, height, width, channels } = raster;
  if (like instanceof Image) return new Image(data as ArrayLike<number> as Uint8Array, width, height, channels) as I;
  if (like instanceof ImageTensor)
    return new ImageTensor(data, [planes, height, width], dtype as 'float32') as NdArray as I;
  const shape = like.shape.length === 2 && channels === 1 ? [height, width] : [height, width, channels];
  return new NdArray(data, shape, dtype as 'float32') as NdArray as I;
}

/**
 * Puts a number into the range of an element type, as C does: cut off towards zero for whole numbers.
 *
 * @returns a function of the number
 */
export function clampTo(dtype: DType): (value: number) => number {
  const bounds: Partial<Record<DType, readonly [number, number]>> = {
    uint8: [0, 255],
    bool: [0, 1],
    int8: [-128, 127],
    int16: [-32768, 32767],
    uint16: [0, 65535],
    int32: [-2147483648, 2147483647],
  };
  const bound = bounds[dtype];
  if (bound === undefined) return (value) => value;
  const [low, high] = bound;
  return (value) => Math.min(high, Math.max(low, value));
}

/**
 * The value of each channel of what has no pixel.
 *
 * @param everywhere - whether one value goes to all channels, or to the first alone
 */
export function fillValues(fill: Fill, raster: Raster, everywhere: boolean): readonly number[] {
  const given = checkFill('fill', fill);
  const channels = raster.planes * raster.channels;
  if (given.length !== 1 && given.length !== channels) {
    throw new ShapeMismatchError(
      `fill must have one value or one for each of ${channels} channels, got ${given.length}`,
    );
  }
  return given.length === 1 && everywhere ? new Array<number>(channels).fill(given[0] ?? 0) : given;
}

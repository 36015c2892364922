/**
 * Arrays made of images, and their values and axes.
 *
 * @module
 */
import { ShapeMismatchError } from '../../../common/errors.js';
import { NdArray, zerosOf, type NdArrayData } from '../../../common/ndarray.js';
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../../../common/options.js';
import { ImageTensor } from '../../image-tensor.js';
import { Image } from '../../image.js';
import { checkImage, toHwc, type ImageLike } from '../transform.js';

/** Order of the axes of an array: channels first or last. */
export type ChannelOrder = 'CHW' | 'HWC';

/** Options of {@link toTensor}. */
export interface ToTensorOptions {
  /** Order of the axes of the result. @defaultValue 'CHW' */
  readonly dataFormat?: ChannelOrder;
}

/** An array with its axes in another order. */
function permute(array: NdArray, order: readonly number[]): NdArray {
  const shape = order.map((axis) => array.shape[axis] ?? 0);
  const steps = array.shape.map((_, axis) =>
    array.shape.slice(axis + 1).reduce((product, length) => product * length, 1),
  );
  const [first = 0, second = 0, third = 0] = order.map((axis) => steps[axis]);
  const [a = 0, b = 0, c = 0] = shape;
  const source = array.data as Float32Array;
  const data = zerosOf(array.dtype, array.size) as Float32Array;
  let target = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      let place = i * first + j * second;
      for (let k = 0; k < c; k++, place += third) data[target++] = source[place] ?? 0;
    }
  }
  return new NdArray(data, shape, array.dtype);
}

/** The floats that bytes become. */
const byteValues = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Bytes [H, W, C] as floats in [0, 1], channel after channel or pixel after pixel. */
function scaleBytes(bytes: Uint8Array, channels: number, channelsFirst: boolean): Float32Array {
  const data = new Float32Array(bytes.length);
  if (!channelsFirst || channels === 1) {
    for (let i = 0; i < bytes.length; i++) data[i] = byteValues[bytes[i] ?? 0] ?? 0;
    return data;
  }
  let target = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let i = channel; i < bytes.length; i += channels) data[target++] = byteValues[bytes[i] ?? 0] ?? 0;
  }
  return data;
}

/**
 * An image as an array of three axes. Bytes become floats in [0, 1]; other types keep their type and values.
 *
 * @returns an {@link ImageTensor} [C, H, W], or an array [H, W, C] with `dataFormat: 'HWC'`; an ImageTensor keeps its values
 */
export function toTensor(pic: ImageLike, options: ToTensorOptions = {}): NdArray {
  checkOptions('toTensor', options, ['dataFormat']);
  const dataFormat = checkChoice('dataFormat', options.dataFormat ?? 'CHW', ['CHW', 'HWC']);
  if (pic instanceof ImageTensor) return dataFormat === 'CHW' ? pic : permute(pic, [1, 2, 0]);
  const array = toHwc(checkImage('toTensor', pic));
  const [height = 0, width = 0, channels = 0] = array.shape;
  const shape = dataFormat === 'CHW' ? [channels, height, width] : [height, width, channels];
  const Result = dataFormat === 'CHW' ? ImageTensor : NdArray;
  if (array.dtype === 'uint8') {
    return new Result(scaleBytes(array.data as Uint8Array, channels, dataFormat === 'CHW'), shape);
  }
  const data = dataFormat === 'HWC' || channels === 1 ? array.data.slice() : permute(array, [2, 0, 1]).data;
  return new Result(data as NdArrayData['float32'], shape, array.dtype as 'float32');
}

/** Options of {@link normalize}. */
export interface NormalizeOptions {
  /** Where the channels of an array are. @defaultValue 'CHW' */
  readonly dataFormat?: ChannelOrder;
  /** Reverse the last axis of an array first. @defaultValue false */
  readonly toRgb?: boolean;
}

/** One value for each channel. */
function perChannel(name: string, value: number | readonly number[], channels: number): number[] {
  const values = typeof value === 'number' ? new Array<number>(channels).fill(value) : [...value];
  values.forEach((one, index) => checkNumber(`${name}[${index}]`, one));
  if (values.length === 1 && channels > 1) return new Array<number>(channels).fill(values[0] ?? 0);
  if (values.length === channels) return values;
  throw new ShapeMismatchError(`${name} must have one value for each of ${channels} channels, got ${values.length}`);
}

/**
 * `(image - mean) / std` for each channel. An {@link Image} becomes an array of floats first, with its channels last.
 *
 * @param image - an image, or an array [C, H, W] (or [H, W, C], see `dataFormat`)
 * @param mean - one number, or one for each channel, in the units of the image
 * @param std - one number, or one for each channel
 * @returns an array of floats of the same shape
 */
export function normalize(
  image: ImageLike,
  mean: number | readonly number[],
  std: number | readonly number[],
  options: NormalizeOptions = {},
): NdArray<'float32'> {
  checkOptions('normalize', options, ['dataFormat', 'toRgb']);
  const dataFormat = checkChoice('dataFormat', options.dataFormat ?? 'CHW', ['CHW', 'HWC']);
  const toRgb = checkBoolean('toRgb', options.toRgb ?? false);
  const array = checkImage('normalize', image) instanceof Image ? toHwc(image) : (image as NdArray);
  const last = array.shape.length - 1;
  const channelAxis = dataFormat === 'HWC' ? last : 0;
  const channels = array.shape.length === 2 ? 1 : (array.shape[channelAxis] ?? 1);
  const means = perChannel('mean', mean, channels);
  const deviations = perChannel('std', std, channels);
  const width = array.shape[last] ?? 1;
  const plane = array.size / channels;
  const data = new Float32Array(array.size);
  if (array.dtype === 'float32' && dataFormat === 'CHW' && !toRgb) {
    const values = array.data as Float32Array;
    for (let channel = 0; channel < channels; channel++) {
      const subtracted = means[channel] ?? 0;
      const divisor = deviations[channel] ?? 1;
      const end = (channel + 1) * plane;
      for (let i = channel * plane; i < end; i++) data[i] = ((values[i] ?? 0) - subtracted) / divisor;
    }
    return image instanceof ImageTensor ? new ImageTensor(data, array.shape) : new NdArray(data, array.shape);
  }
  for (let i = 0; i < data.length; i++) {
    const column = i % width;
    const source = toRgb ? i - column + (width - 1 - column) : i;
    const channel = channels === 1 ? 0 : dataFormat === 'HWC' ? column : Math.floor(i / plane);
    data[i] = (Number(array.data[source] ?? 0) - (means[channel] ?? 0)) / (deviations[channel] ?? 1);
  }
  return image instanceof ImageTensor ? new ImageTensor(data, array.shape) : new NdArray(data, array.shape);
}

/**
 * The axes of an image [H, W, C] in another order, of the same type.
 *
 * @param order - each of the axes 0, 1, 2 once
 */
export function transpose(image: ImageLike, order: readonly number[]): NdArray {
  const axes = [...order].sort((a, b) => a - b);
  if (axes.length !== 3 || axes.some((axis, index) => axis !== index)) {
    throw new ShapeMismatchError(`order must hold each of the axes 0, 1, 2 once, got [${order.join(', ')}]`);
  }
  return permute(toHwc(checkImage('transpose', image)), order);
}

import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { NdArray } from '../common/ndarray.js';
import { checkInteger } from '../common/options.js';
import { rgbOf } from './image-files/pixels.js';

/** A decoded image, as the image backend 'pil' has it: bytes in rows of pixels, channels last. */
export class Image {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  /** Bytes, row by row, `height * width * channels` of them. */
  readonly data: Uint8Array;
  /** Pixels in a row. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** Bytes in a pixel: 1 for grey, 3 for red, green and blue, 4 with transparency. */
  readonly channels: number;

  /** @param data - the bytes; they are not copied */
  constructor(data: Uint8Array, width: number, height: number, channels = 3) {
    checkInteger('width', width, 0);
    checkInteger('height', height, 0);
    if (![1, 3, 4].includes(channels)) throw new InvalidArgumentError(`channels must be 1, 3 or 4, got ${channels}`);
    if (data.length !== width * height * channels) {
      throw new ShapeMismatchError(
        `an image of ${width} x ${height} pixels and ${channels} channels has ${width * height * channels} bytes, got ${data.length}`,
      );
    }
    this.data = data;
    this.width = width;
    this.height = height;
    this.channels = channels;
  }

  /** The image in red, green and blue: grey three times, without transparency. */
  toRgb(): Image {
    return this.channels === 3 ? this : new Image(rgbOf(this.data, this.channels), this.width, this.height);
  }

  /** The bytes as an array [height, width] for grey images, else [height, width, channels]. They are not copied. */
  toNdArray(): NdArray<'uint8'> {
    const shape = this.channels === 1 ? [this.height, this.width] : [this.height, this.width, this.channels];
    return new NdArray(this.data, shape, 'uint8');
  }
}

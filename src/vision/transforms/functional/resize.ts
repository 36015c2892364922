/**
 * Images in another size.
 *
 * @module
 */
import { InvalidArgumentError } from '../../../common/errors.js';
import { checkChoice, checkOptions } from '../../../common/options.js';
import { checkSize, type Size } from '../arguments.js';
import { imageOf, numericRasterOf, storageOf } from '../raster.js';
import { openCvInterpolations, resizeLikeOpenCv } from '../resampling/opencv.js';
import { pillowInterpolations, resizeLikePillow } from '../resampling/pillow.js';
import { resizeLikeTensor, tensorInterpolations } from '../resampling/tensor.js';
import type { ImageLike } from '../transform.js';

/**
 * How values between pixels are found. An `Image` takes 'nearest', 'bilinear', 'bicubic', 'box', 'lanczos' and 'hamming',
 * computed as in Pillow; an array 'nearest', 'bilinear', 'area', 'bicubic' and 'lanczos', as in OpenCV; an `ImageTensor`
 * 'nearest', 'bilinear', 'area' and 'bicubic'.
 */
export type Interpolation = 'nearest' | 'bilinear' | 'bicubic' | 'box' | 'lanczos' | 'hamming' | 'area';

const interpolations = ['nearest', 'bilinear', 'bicubic', 'box', 'lanczos', 'hamming', 'area'] as const;

/** Throws unless `value` is an interpolation of some form of images. */
export function checkInterpolation(value: unknown): Interpolation {
  return checkChoice('interpolation', value, interpolations);
}

/** Options of {@link resize}. */
export interface ResizeOptions {
  /** How values between pixels are found. @defaultValue 'bilinear' */
  readonly interpolation?: Interpolation;
}

/**
 * An image in another size.
 *
 * @param size - [height, width], or one number for the shorter side: the other one keeps the proportions, rounded down
 */
export function resize<I extends ImageLike>(img: I, size: Size, options: ResizeOptions = {}): I {
  checkOptions('resize', options, ['interpolation']);
  const raster = numericRasterOf('resize', img);
  const { interpolation = 'bilinear' } = options;
  let [height, width] = checkSize('size', size);
  if (raster.height === 0 || raster.width === 0)
    throw new InvalidArgumentError('resize takes an image that is not empty');
  if (typeof size === 'number') {
    if (Math.min(raster.height, raster.width) === size) return img;
    if (raster.width < raster.height) height = Math.max(1, Math.trunc((size * raster.height) / raster.width));
    else width = Math.max(1, Math.trunc((size * raster.width) / raster.height));
  }
  switch (storageOf(img)) {
    case 'pil':
      return imageOf(
        resizeLikePillow(raster, height, width, checkChoice('interpolation', interpolation, pillowInterpolations)),
        img,
      );
    case 'cv2':
      return imageOf(
        resizeLikeOpenCv(raster, height, width, checkChoice('interpolation', interpolation, openCvInterpolations)),
        img,
      );
    case 'tensor':
      return imageOf(
        resizeLikeTensor(raster, height, width, checkChoice('interpolation', interpolation, tensorInterpolations)),
        img,
      );
  }
}

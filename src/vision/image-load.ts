/**
 * Loading of image files.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { FileNotFoundError } from '../common/errors.js';
import { NdArray } from '../common/ndarray.js';
import { checkChoice } from '../common/options.js';
import { getImageBackend, type ImageBackend } from './image-backend.js';
import { decodeImage } from './image-files/decode.js';
import { ImageTensor } from './image-tensor.js';
import { Image } from './image.js';

/** What an image backend makes of an image. */
export interface BackendImages {
  /** As in the file: 1, 3 or 4 channels. */
  readonly pil: Image;
  /** [height, width, 3]. */
  readonly cv2: NdArray<'uint8'>;
  /** [3, height, width]. */
  readonly tensor: ImageTensor<'uint8'>;
}

/** Reads a file. */
async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new FileNotFoundError(path, `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** The bytes of three channels in another order: last to first, or plane by plane. */
function reordered(data: Uint8Array, index: (pixel: number, channel: number) => number): Uint8Array {
  const result = new Uint8Array(data.length);
  for (let pixel = 0; 3 * pixel < data.length; pixel++) {
    for (let channel = 0; channel < 3; channel++) result[index(pixel, channel)] = data[3 * pixel + channel] ?? 0;
  }
  return result;
}

/**
 * Loads an image file: JPEG, PNG, WebP, TIFF, GIF, BMP, PGM or PPM.
 *
 * - 'pil' gives an {@link Image} as it is stored: grey (1 channel), colour (3) or with transparency (4).
 * - 'cv2' gives an array [height, width, 3] of bytes: **blue, green, red**, turned as the EXIF data say. As OpenCV it takes
 *   what there is of a file that is cut off.
 * - 'tensor' gives an {@link ImageTensor} [3, height, width] of bytes: red, green, blue.
 *
 * @param backend - what to make of the file; that of `setImageBackend` when omitted
 * @throws `FileNotFoundError` or `FileFormatError`
 */
export function imageLoad<B extends ImageBackend>(path: string, backend: B): Promise<BackendImages[B]>;
/** Loads an image file as the backend of `setImageBackend` has it. */
export function imageLoad(path: string, backend?: ImageBackend | null): Promise<Image | NdArray<'uint8'>>;
export async function imageLoad(path: string, backend?: ImageBackend | null): Promise<Image | NdArray<'uint8'>> {
  const wanted = checkChoice('backend', backend ?? getImageBackend(), ['pil', 'cv2', 'tensor']);
  const like = wanted === 'cv2' ? 'opencv' : 'pillow';
  const options = { path, rgb: wanted !== 'pil', like } as const;
  const { data, width, height, channels } = await decodeImage(await bytesOf(path), options);
  switch (wanted) {
    case 'pil':
      return new Image(data, width, height, channels);
    case 'cv2':
      return new NdArray(
        reordered(data, (pixel, channel) => 3 * pixel + 2 - channel),
        [height, width, 3],
      );
    case 'tensor':
      return new ImageTensor(
        reordered(data, (pixel, channel) => channel * width * height + pixel),
        [3, height, width],
      );
  }
}

/** Loads an image file for data sets of folders: red, green and blue, as an {@link Image} or an array of bytes. */
export async function loadRgb(path: string, backend: 'pil' | 'cv2'): Promise<Image | NdArray<'uint8'>> {
  const like = backend === 'cv2' ? 'opencv' : 'pillow';
  const { data, width, height } = await decodeImage(await bytesOf(path), { path, rgb: true, like });
  return backend === 'cv2' ? new NdArray(data, [height, width, 3]) : new Image(data, width, height);
}

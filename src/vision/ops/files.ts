/**
 * Image files as tensors.
 *
 * @module
 */
import { readFile as readBytes } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { FileNotFoundError } from '../../common/errors.js';
import { checkChoice, checkOptions } from '../../common/options.js';
import { decodeImage } from '../image-files/decode.js';

/** The bytes of a file, int32 [N]. @throws `FileNotFoundError` */
export async function readFile(filename: string): Promise<Tensor> {
  try {
    return tf.tensor1d(Int32Array.from(await readBytes(filename)), 'int32');
  } catch (error) {
    throw new FileNotFoundError(filename, `${filename} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Options of {@link decodeJpeg}. */
export interface DecodeJpegOptions {
  /** The channels of the result: as in the file, one, or three. @defaultValue 'unchanged' */
  readonly mode?: 'unchanged' | 'gray' | 'rgb';
}

/**
 * Decodes the bytes of a JPEG file.
 *
 * @param x - bytes [N], what {@link readFile} gives
 * @returns int32 [channels, height, width] from 0 to 255
 * @throws `FileFormatError` when the bytes are no image
 */
export async function decodeJpeg(x: Tensor, options: DecodeJpegOptions = {}): Promise<Tensor> {
  checkOptions('decodeJpeg', options, ['mode']);
  const mode = checkChoice('mode', options.mode ?? 'unchanged', ['unchanged', 'gray', 'rgb']);
  const bytes = Uint8Array.from(x.dataSync());
  const image = await decodeImage(bytes, { path: 'the JPEG data', rgb: mode === 'rgb', like: 'pillow' });
  const { data, width, height, channels } = image;
  const count = mode === 'gray' ? 1 : channels;
  const planes = new Int32Array(count * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = (channel: number) => data[pixel * channels + channel]!;
    if (count === 1 && channels >= 3) {
      // Luma of ITU-R BT.601.
      planes[pixel] = Math.round((299 * at(0) + 587 * at(1) + 114 * at(2)) / 1000);
    } else {
      for (let channel = 0; channel < count; channel++) planes[channel * width * height + pixel] = at(channel);
    }
  }
  return tf.tensor3d(planes, [count, height, width], 'int32');
}

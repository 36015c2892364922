/**
 * Decoding of image files.
 *
 * @module
 */
import type { default as Decoder, Sharp } from 'sharp';
import { FileFormatError } from '../../common/errors.js';
import { isBmp, readBmp } from './bmp.js';
import { isNetpbm, readNetpbm } from './netpbm.js';
import { rgbOf, type Pixels } from './pixels.js';

/** How an image is decoded. */
export interface DecodeOptions {
  /** The file's path, for errors. */
  readonly path: string;
  /** Red, green and blue, whatever the file has; else grey and transparent images stay so. */
  readonly rgb: boolean;
  /**
   * Whose rules hold. Pillow leaves images unturned, refuses files that are cut off, and cuts 16 bits to the range of 8;
   * OpenCV turns them as their EXIF data say, takes what there is of the file, and takes the upper 8 of 16 bits.
   */
  readonly like: 'pillow' | 'opencv';
}

let loading: Promise<typeof Decoder> | undefined;

/** The decoder, loaded when the first image needs it. */
function sharp(): Promise<typeof Decoder> {
  loading ??= import('sharp').then(({ default: decoder }) => {
    // Images are decoded one at a time in each of several threads, and hardly ever twice.
    decoder.concurrency(1);
    decoder.cache(false);
    return decoder;
  });
  return loading;
}

/** Red, green and blue of cyan, magenta, yellow and black, as Pillow and OpenCV compute them. */
function fromCmyk(cmyk: Uint8Array, like: DecodeOptions['like']): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let source = 0, target = 0; source < cmyk.length; source += 4) {
    const white = 255 - (cmyk[source + 3] ?? 0);
    for (let c = 0; c < 3; c++) {
      const ink = cmyk[source + c] ?? 0;
      const product = ink * white + 128;
      rgb[target++] =
        like === 'opencv' ? white - ((ink * white) >> 8) : Math.max(0, white - (((product >> 8) + product) >> 8));
    }
  }
  return rgb;
}

/** Decodes JPEG, PNG, WebP, TIFF, GIF and what else the decoder knows. */
async function decodeWithSharp(decoder: typeof Decoder, bytes: Uint8Array, { like }: DecodeOptions): Promise<Pixels> {
  const opencv = like === 'opencv';
  const open = () => {
    const image = decoder(bytes, { ignoreIcc: true, failOn: opencv ? 'none' : 'truncated', limitInputPixels: false });
    return opencv ? image.autoOrient() : image;
  };
  const { space, depth, hasAlpha } = await open().metadata();
  const raw = async (image: Sharp) => {
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), info };
  };
  if (space === 'cmyk') {
    const { data, info } = await raw(open().pipelineColourspace('cmyk').toColourspace('cmyk'));
    return { data: fromCmyk(data, like), width: info.width, height: info.height, channels: 3 };
  }
  const grey = (space === 'b-w' || space === 'grey16') && !hasAlpha;
  if (grey && depth === 'ushort') {
    const image = open().toColourspace('grey16').raw({ depth: 'ushort' });
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    const values = new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length));
    const narrowed = Uint8Array.from(values, (value) => (opencv ? value >> 8 : Math.min(255, value)));
    return { data: narrowed, width: info.width, height: info.height, channels: 1 };
  }
  const { data, info } = await raw(open().toColourspace(grey ? 'b-w' : 'srgb'));
  return { data, width: info.width, height: info.height, channels: info.channels as 1 | 3 | 4 };
}

/**
 * The pixels of an image file.
 *
 * @throws `FileFormatError` when it is damaged or of an unknown format
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions): Promise<Pixels> {
  let pixels: Pixels;
  if (isBmp(bytes)) pixels = readBmp(bytes, options.path);
  else if (isNetpbm(bytes)) pixels = readNetpbm(bytes, options.path);
  else {
    const decoder = await sharp();
    try {
      pixels = await decodeWithSharp(decoder, bytes, options);
    } catch (error) {
      const why = (error as Error).message;
      throw new FileFormatError(options.path, `${options.path} cannot be decoded as an image: ${why}`, {
        cause: error,
      });
    }
  }
  return options.rgb ? { ...pixels, data: rgbOf(pixels.data, pixels.channels), channels: 3 } : pixels;
}

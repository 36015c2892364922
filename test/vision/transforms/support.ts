import { NdArray } from '../../../src/common/ndarray.js';
import { Image, ImageTensor } from '../../../src/vision/index.js';
import type { ImageLike } from '../../../src/vision/transforms/index.js';

/** The same pixels in each form: 3 channels, `height` x `width`, the value at [y, x, c] given by a function. */
export function allForms(
  height: number,
  width: number,
  value: (y: number, x: number, c: number) => number,
): Record<'pil' | 'cv2' | 'tensor', ImageLike> {
  const last = new Uint8Array(height * width * 3);
  const first = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        last[(y * width + x) * 3 + c] = value(y, x, c);
        first[(c * height + y) * width + x] = value(y, x, c);
      }
    }
  }
  return {
    pil: new Image(last, width, height),
    cv2: new NdArray(last, [height, width, 3]),
    tensor: new ImageTensor(first, [3, height, width]),
  };
}

/** A value that tells places apart. */
export const place = (y: number, x: number, c: number) => (y * 31 + x * 7 + c * 101) % 256;

/** Rows of pixels of channels, whatever the form. */
export function pixels(image: ImageLike): number[][][] {
  const first = image instanceof ImageTensor;
  const [height = 0, width = 0] =
    image instanceof Image ? [image.height, image.width] : first ? image.shape.slice(1) : image.shape;
  const channels = image instanceof Image ? image.channels : ((first ? image.shape[0] : image.shape[2]) ?? 1);
  const at = (y: number, x: number, c: number) =>
    Number(image.data[first ? (c * height + y) * width + x : (y * width + x) * channels + c]);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => Array.from({ length: channels }, (___, c) => at(y, x, c))),
  );
}

/** Small images of three classes that are flipped at random; works in data workers, too. */
import { NdArray } from '../../src/common/ndarray.js';
import { nextStream } from '../../src/common/random.js';
import { Dataset } from '../../src/io/index.js';

/** Height and width of the images. */
const side = 6;
/** Number of classes. */
export const classes = 3;

export class FlippedImages extends Dataset<[NdArray, NdArray]> {
  static readonly moduleUrl = import.meta.url;

  constructor(
    readonly length: number,
    readonly isFlipped: boolean,
  ) {
    super();
  }

  getItem(index: number): [NdArray, NdArray] {
    const pixels = Float32Array.from({ length: side * side }, (_, at) => Math.sin(index * 7 + at) + (index % classes));
    if (this.isFlipped && nextStream('augmentation').chance(0.5)) pixels.reverse();
    return [new NdArray(pixels, [1, side, side]), new NdArray(Int32Array.of(index % classes), [1])];
  }
}

/** The data set of the reference values for training: images [1, 28, 28] and labels [1] of 10 classes. */
import { NdArray } from '../../src/common/ndarray.js';
import { Dataset } from '../../src/io/index.js';
import { imageValues, labelValues } from './oracle.js';

const imageSize = 28 * 28;

export class Samples extends Dataset<[NdArray, NdArray]> {
  readonly #images: Float32Array;
  readonly #labels: Int32Array;

  constructor(name: string, count: number) {
    super();
    this.#images = imageValues(`${name}Images`, [count, 1, 28, 28]);
    this.#labels = labelValues(`${name}Labels`, count, 10);
  }

  get length(): number {
    return this.#labels.length;
  }

  getItem(index: number): [NdArray, NdArray] {
    const image = this.#images.slice(index * imageSize, (index + 1) * imageSize);
    return [new NdArray(image, [1, 28, 28]), new NdArray(this.#labels.slice(index, index + 1), [1])];
  }
}

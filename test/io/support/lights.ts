/** A data set of images and what mixes its batches, for workers. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { NdArray } from '../../../src/common/ndarray.js';
import { defaultCollate } from '../../../src/io/collate.js';
import { Dataset } from '../../../src/io/dataset.js';
import { IterableDataset } from '../../../src/io/iterable-dataset.js';
import { ImageTensor } from '../../../src/vision/image-tensor.js';
import { Mixup } from '../../../src/vision/transforms/mix.js';

/** An image [1, 2, 2] of one of three classes. */
export type Light = [NdArray, NdArray<'int32'>];

/** Images of three classes. */
export class Lights extends Dataset<Light> {
  static readonly moduleUrl = import.meta.url;

  constructor(readonly length: number) {
    super();
  }

  getItem(index: number): Light {
    const image = new ImageTensor(Float32Array.of(index, 1 / (index + 1), index % 2, 1), [1, 2, 2]);
    return [image, new NdArray(Int32Array.of(index % 3), [1])];
  }
}

/** The same images from front to back. */
export class LightStream extends IterableDataset<Light> {
  static readonly moduleUrl = import.meta.url;

  constructor(readonly count: number) {
    super();
  }

  *iterate(): Generator<Light> {
    const lights = new Lights(this.count);
    for (let i = 0; i < this.count; i++) yield lights.getItem(i);
  }
}

const mixup = new Mixup({ numClasses: 3 });

/** A mixed batch. */
export function mixLights(samples: Light[]): [Tensor, Tensor] {
  return defaultCollate(mixup.forward(samples));
}
mixLights.moduleUrl = import.meta.url;

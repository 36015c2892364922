import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { describeValue } from '../common/options.js';
import { checkIndex, Dataset } from './dataset.js';

/** Rows of tensors as samples: sample i holds row i of each. */
export class TensorDataset extends Dataset<Tensor[]> {
  readonly #tensors: readonly Tensor[];

  /** @param tensors - tensors of equal length along their first axis */
  constructor(tensors: readonly Tensor[]) {
    super();
    const [first] = tensors;
    if (!Array.isArray(tensors) || first === undefined) {
      throw new InvalidArgumentError(`tensors must be an array of tensors, got ${describeValue(tensors)}`);
    }
    for (const tensor of tensors as readonly Tensor[]) {
      if (tensor.rank > 0 && tensor.shape[0] === first.shape[0]) continue;
      throw new InvalidArgumentError(
        `tensors must be equally long along their first axis, got shapes [${first.shape.join(', ')}] and [${tensor.shape.join(', ')}]`,
      );
    }
    this.#tensors = tensors as readonly Tensor[];
  }

  get length(): number {
    return this.#tensors[0]?.shape[0] ?? 0;
  }

  getItem(index: number): Tensor[] {
    checkIndex(index, this.length);
    return this.#tensors.map((tensor) => tf.tidy(() => tf.reshape(tf.slice(tensor, index, 1), tensor.shape.slice(1))));
  }
}

import { ShapeMismatchError } from '../../common/errors.js';
import { NdArray, sameShape, sizeOf } from '../../common/ndarray.js';
import { checkNumber, checkOptions } from '../../common/options.js';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { toTensor, type TensorSource } from '../../tensor/creation.js';
import { Initializer } from './initializer.js';

/** Options of {@link Constant}. */
export interface ConstantOptions {
  /** The value of every element. @defaultValue 0 */
  readonly value?: number;
}

/** Every element the same value. */
export class Constant extends Initializer {
  /** The value of every element. */
  readonly value: number;

  /** @param options - the value, alone or as an option */
  constructor(options: number | ConstantOptions = {}) {
    super();
    if (typeof options !== 'number') checkOptions('Constant', options, ['value']);
    this.value = checkNumber('value', typeof options === 'number' ? options : (options.value ?? 0));
  }

  values(shape: readonly number[]): Float32Array {
    return new Float32Array(sizeOf(shape)).fill(this.value);
  }

  override tensor(shape: readonly number[]): Tensor {
    return this.values === Constant.prototype.values ? tf.fill([...shape], this.value) : super.tensor(shape);
  }
}

/** The values of a given array. */
export class Assign extends Initializer {
  readonly #array: NdArray<'float32'>;

  /** @param value - the values, of the shape of the parameter */
  constructor(value: TensorSource) {
    super();
    this.#array = tf.tidy(() => {
      const tensor: Tensor = toTensor(value, { dtype: 'float32' });
      return new NdArray(Float32Array.from(tensor.dataSync()), tensor.shape) as unknown as Tensor;
    }) as unknown as NdArray<'float32'>;
  }

  values(shape: readonly number[]): Float32Array {
    if (sameShape(shape, this.#array.shape)) return this.#array.data.slice();
    throw new ShapeMismatchError(
      `Assign holds values of shape [${this.#array.shape.join(', ')}], the parameter has [${shape.join(', ')}]`,
    );
  }
}

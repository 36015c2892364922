/**
 * The members that Paddle's tensors have beyond those of TensorFlow.js, put on `tf.Tensor`.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Rank, Tensor, TypedArray } from '@tensorflow/tfjs-core';
import { backward, detach, gradientOf, setGradient, zeroGradient, type BackwardOptions } from '../autograd/backward.js';
import { requiresGradient, setRequiresGradient } from '../autograd/tape.js';
import { InvalidArgumentError } from '../common/errors.js';

declare module '@tensorflow/tfjs-core/dist/tensor.js' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the type parameter must be the class's own
  interface Tensor<R extends Rank = Rank> {
    /**
     * The only element of a tensor of size one.
     *
     * @throws `InvalidArgumentError` when the tensor has more elements
     */
    item(): number;
    /** A copy of the elements in C order. */
    numpy(): TypedArray;
    /** Adds the gradients of this tensor to the `grad` of every leaf it depends on, and frees the graph. */
    backward(options?: BackwardOptions): void;
    /** Forgets the collected gradient, or with `setToZero` fills it with zeros. */
    clearGrad(setToZero?: boolean): void;
    /** A tensor of the same values that gradients do not flow through. */
    detach(): this;
    /** The gradient that `backward` collected for this leaf, of the same shape, or null. */
    grad: Tensor | null;
    /** True when no gradient is computed for this tensor. Settable on leaves; a computed tensor is cut off by true. */
    stopGradient: boolean;
    /** Number of axes, as `rank`. */
    readonly ndim: number;
  }
}

function item(this: Tensor): number {
  if (this.size !== 1) {
    throw new InvalidArgumentError(`item() needs a tensor of one element, got shape [${this.shape.join(', ')}]`);
  }
  return this.dataSync()[0] ?? NaN;
}

const methods = {
  item,
  numpy(this: Tensor): TypedArray {
    return this.dataSync().slice();
  },
  backward(this: Tensor, options?: BackwardOptions): void {
    backward(this, options);
  },
  clearGrad(this: Tensor, setToZero = false): void {
    if (setToZero) zeroGradient(this);
    else setGradient(this, null);
  },
  detach(this: Tensor): Tensor {
    return detach(this);
  },
};

for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(tf.Tensor.prototype, name, { value, writable: true, configurable: true });
}

Object.defineProperties(tf.Tensor.prototype, {
  grad: {
    get(this: Tensor) {
      return gradientOf(this);
    },
    set(this: Tensor, gradient: Tensor | null) {
      setGradient(this, gradient);
    },
    configurable: true,
  },
  stopGradient: {
    get(this: Tensor) {
      return !requiresGradient(this);
    },
    set(this: Tensor, stop: boolean) {
      setRequiresGradient(this, !stop);
    },
    configurable: true,
  },
  ndim: {
    get(this: Tensor) {
      return this.rank;
    },
    configurable: true,
  },
});

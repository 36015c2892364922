/**
 * Trainable tensors.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { releaseWhenUnreachable } from '../autograd/memory.js';
import { engine, requiresGradient, setRequiresGradient } from '../autograd/tape.js';
import { ShapeMismatchError } from '../common/errors.js';
import { sameShape } from '../common/ndarray.js';
import type { Regularizer } from '../regularizer/index.js';

/** Attributes of a {@link Parameter}. */
export interface ParameterOptions {
  /** Name; several parameters may share one. */
  readonly name: string;
  /** Whether an optimizer changes it. @defaultValue true */
  readonly trainable?: boolean;
  /** Factor on the optimizer's learning rate. @defaultValue 1 */
  readonly learningRate?: number;
  /** Regulariser that replaces the optimizer's. */
  readonly regularizer?: Regularizer | null;
  /** Whether gradient clipping takes it in. @defaultValue true */
  readonly needClip?: boolean;
}

const isParameter = Symbol.for('paddlewheel.Parameter');

/**
 * A tensor that belongs to a layer and that an optimizer changes in place: a `tf.Variable` with Paddle's attributes.
 *
 * Gradients are collected in `grad` while `trainable` is true (and `stopGradient` false: they are one). The values are replaced with `assign` or `setValue`;
 * a clone or a read made before keeps the old ones.
 */
export class Parameter extends tf.Variable {
  /** @internal */
  readonly [isParameter] = true;
  /** Factor on the optimizer's learning rate. */
  learningRate: number;
  /** Regulariser that replaces the optimizer's, or null. */
  regularizer: Regularizer | null;
  /** Whether gradient clipping takes the parameter in. */
  needClip: boolean;
  /** Always true: a parameter is part of its layer's state dict. */
  readonly persistable = true;

  /** @param value - the initial values; the parameter shares their storage and does not own the tensor */
  constructor(value: Tensor, options: ParameterOptions) {
    const trainable = options.trainable ?? true;
    super(value, trainable, options.name, engine.nextTensorId());
    this.learningRate = options.learningRate ?? 1;
    this.regularizer = options.regularizer ?? null;
    this.needClip = options.needClip ?? true;
    engine.incRef(this, null);
    releaseWhenUnreachable(this);
  }

  /**
   * Replaces the values.
   *
   * @param value - a tensor of the same shape and dtype; its storage is shared, the tensor stays the caller's
   * @throws `ShapeMismatchError` when the shapes differ
   */
  setValue(value: Tensor): void {
    if (!sameShape(value.shape, this.shape)) {
      throw new ShapeMismatchError(
        `parameter ${this.name} has shape [${this.shape.join(', ')}], got values of shape [${value.shape.join(', ')}]`,
      );
    }
    this.assign(value);
  }

  override assign(newValue: Tensor): void {
    // Giving the old storage back would free the new one.
    if (newValue.dataId === this.dataId) return;
    super.assign(newValue);
    releaseWhenUnreachable(this);
  }

  /** Frees the storage. The parameter cannot be used afterwards. */
  override dispose(): void {
    if (this.isDisposed) return;
    this.grad = null;
    engine.disposeTensor(this);
    (this as unknown as { isDisposedInternal: boolean }).isDisposedInternal = true;
  }
}

// One truth for both names: a parameter is trainable when gradients are collected for it.
Object.defineProperty(Parameter.prototype, 'trainable', {
  get(this: Parameter): boolean {
    return requiresGradient(this);
  },
  set(this: Parameter, trainable: boolean) {
    setRequiresGradient(this, trainable);
  },
});

// tf.Tensor and tf.Variable decide `instanceof` by members; a parameter is told by its own mark.
Object.defineProperty(Parameter, Symbol.hasInstance, {
  value: (instance: unknown) => (instance as { [isParameter]?: boolean } | null | undefined)?.[isParameter] === true,
});

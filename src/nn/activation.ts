/**
 * Activation layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkInteger, checkOptions } from '../common/options.js';
import {
  hardsigmoid,
  hardswish,
  logSoftmax,
  relu,
  relu6,
  sigmoid,
  softmax,
  swish,
  tanh,
  type SoftmaxOptions,
} from './functional/activation.js';
import { Layer } from './layer/layer.js';

/** `max(x, 0)` of each element. */
export class ReLU extends Layer {
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** `min(max(x, 0), 6)` of each element. */
export class ReLU6 extends Layer {
  override forward(x: Tensor): Tensor {
    return relu6(x);
  }
}

/** `x / 6 + 1 / 2` of each element, but at least 0 and at most 1. */
export class Hardsigmoid extends Layer {
  override forward(x: Tensor): Tensor {
    return hardsigmoid(x);
  }
}

/** `x min(max(x + 3, 0), 6) / 6` of each element. */
export class Hardswish extends Layer {
  override forward(x: Tensor): Tensor {
    return hardswish(x);
  }
}

/** `x / (1 + exp(-x))` of each element. */
export class Swish extends Layer {
  override forward(x: Tensor): Tensor {
    return swish(x);
  }
}

/** `1 / (1 + exp(-x))` of each element. */
export class Sigmoid extends Layer {
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/** Hyperbolic tangent of each element. */
export class Tanh extends Layer {
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** `exp(x) / sum(exp(x))` along an axis. */
export class Softmax extends Layer {
  readonly #axis: number;

  constructor(options: SoftmaxOptions | number = {}) {
    super();
    if (typeof options !== 'number') checkOptions('Softmax', options, ['axis']);
    this.#axis = checkInteger('axis', typeof options === 'number' ? options : (options.axis ?? -1));
  }

  override forward(x: Tensor): Tensor {
    return softmax(x, this.#axis);
  }

  override extraRepr(): string {
    return `axis=${this.#axis}`;
  }
}

/** `x - log(sum(exp(x)))` along an axis. */
export class LogSoftmax extends Layer {
  readonly #axis: number;

  constructor(options: SoftmaxOptions | number = {}) {
    super();
    if (typeof options !== 'number') checkOptions('LogSoftmax', options, ['axis']);
    this.#axis = checkInteger('axis', typeof options === 'number' ? options : (options.axis ?? -1));
  }

  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.#axis);
  }

  override extraRepr(): string {
    return `axis=${this.#axis}`;
  }
}

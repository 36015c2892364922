/**
 * Activation layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { numbersOf, floatText } from './functional/arguments.js';
import { checkInteger, checkOptions } from '../common/options.js';
import {
  activationDefaults,
  celu,
  elu,
  gelu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  isApproximate,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softshrink,
  softsign,
  swish,
  tanh,
  tanhshrink,
  thresholdedRelu,
  type AlphaOptions,
  type GeluOptions,
  type HardtanhOptions,
  type LeakyReluOptions,
  type SeluOptions,
  type SoftmaxOptions,
  type SoftplusOptions,
  type ThresholdedReluOptions,
  type ThresholdOptions,
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

/** `x / (1 + exp(-x))` of each element, as {@link Swish}. */
export class Silu extends Layer {
  override forward(x: Tensor): Tensor {
    return silu(x);
  }
}

/** `x tanh(log(1 + exp(x)))` of each element. */
export class Mish extends Layer {
  override forward(x: Tensor): Tensor {
    return mish(x);
  }
}

/** `x / (1 + |x|)` of each element. */
export class Softsign extends Layer {
  override forward(x: Tensor): Tensor {
    return softsign(x);
  }
}

/** `-log(1 + exp(-x))` of each element. */
export class LogSigmoid extends Layer {
  override forward(x: Tensor): Tensor {
    return logSigmoid(x);
  }
}

/** `x - tanh(x)` of each element. */
export class Tanhshrink extends Layer {
  override forward(x: Tensor): Tensor {
    return tanhshrink(x);
  }
}

/** `x` for positive elements, `alpha (exp(x) - 1)` for the others. */
export class ELU extends Layer {
  readonly #options: Required<AlphaOptions>;

  constructor(options: AlphaOptions = {}) {
    super();
    this.#options = numbersOf('ELU', options, activationDefaults.elu);
  }

  override forward(x: Tensor): Tensor {
    return elu(x, this.#options);
  }

  override extraRepr(): string {
    return `alpha=${floatText(this.#options.alpha)}`;
  }
}

/** `max(x, 0) + min(alpha (exp(x / alpha) - 1), 0)` of each element. */
export class CELU extends Layer {
  readonly #options: Required<AlphaOptions>;

  constructor(options: AlphaOptions = {}) {
    super();
    this.#options = numbersOf('CELU', options, activationDefaults.celu);
  }

  override forward(x: Tensor): Tensor {
    return celu(x, this.#options);
  }

  override extraRepr(): string {
    return `alpha=${floatText(this.#options.alpha)}`;
  }
}

/** `scale x` for positive elements, `scale alpha (exp(x) - 1)` for the others. */
export class SELU extends Layer {
  readonly #options: Required<SeluOptions>;

  constructor(options: SeluOptions = {}) {
    super();
    this.#options = numbersOf('SELU', options, activationDefaults.selu);
  }

  override forward(x: Tensor): Tensor {
    return selu(x, this.#options);
  }

  override extraRepr(): string {
    return `scale=${this.#options.scale.toFixed(16)}, alpha=${this.#options.alpha.toFixed(16)}`;
  }
}

/** `x` for positive elements, `negativeSlope x` for the others. */
export class LeakyReLU extends Layer {
  readonly #options: Required<LeakyReluOptions>;

  constructor(options: LeakyReluOptions = {}) {
    super();
    this.#options = numbersOf('LeakyReLU', options, activationDefaults.leakyRelu);
  }

  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.#options);
  }

  override extraRepr(): string {
    return `negative_slope=${floatText(this.#options.negativeSlope)}`;
  }
}

/** Each element, moved into [min, max]. */
export class Hardtanh extends Layer {
  readonly #options: Required<HardtanhOptions>;

  constructor(options: HardtanhOptions = {}) {
    super();
    this.#options = numbersOf('Hardtanh', options, activationDefaults.hardtanh);
  }

  override forward(x: Tensor): Tensor {
    return hardtanh(x, this.#options);
  }

  override extraRepr(): string {
    return `min=${floatText(this.#options.min)}, max=${floatText(this.#options.max)}`;
  }
}

/** Each element, or 0 where its magnitude is at most the threshold. */
export class Hardshrink extends Layer {
  readonly #options: Required<ThresholdOptions>;

  constructor(options: ThresholdOptions = {}) {
    super();
    this.#options = numbersOf('Hardshrink', options, activationDefaults.hardshrink);
  }

  override forward(x: Tensor): Tensor {
    return hardshrink(x, this.#options);
  }

  override extraRepr(): string {
    return `threshold=${floatText(this.#options.threshold)}`;
  }
}

/** Each element moved towards 0 by the threshold, and 0 where its magnitude is at most that. */
export class Softshrink extends Layer {
  readonly #options: Required<ThresholdOptions>;

  constructor(options: ThresholdOptions = {}) {
    super();
    this.#options = numbersOf('Softshrink', options, activationDefaults.softshrink);
  }

  override forward(x: Tensor): Tensor {
    return softshrink(x, this.#options);
  }

  override extraRepr(): string {
    return `threshold=${floatText(this.#options.threshold)}`;
  }
}

/** `log(1 + exp(beta x)) / beta` of each element. */
export class Softplus extends Layer {
  readonly #options: Required<SoftplusOptions>;

  constructor(options: SoftplusOptions = {}) {
    super();
    this.#options = numbersOf('Softplus', options, activationDefaults.softplus);
  }

  override forward(x: Tensor): Tensor {
    return softplus(x, this.#options);
  }

  override extraRepr(): string {
    return `beta=${this.#options.beta}, threshold=${this.#options.threshold}`;
  }
}

/** Each element that is greater than the threshold; `value` for the others. */
export class ThresholdedReLU extends Layer {
  readonly #options: Required<ThresholdedReluOptions>;

  constructor(options: ThresholdedReluOptions = {}) {
    super();
    this.#options = numbersOf('ThresholdedReLU', options, activationDefaults.thresholdedRelu);
  }

  override forward(x: Tensor): Tensor {
    return thresholdedRelu(x, this.#options);
  }

  override extraRepr(): string {
    return `threshold=${floatText(this.#options.threshold)}, value=${floatText(this.#options.value)}`;
  }
}

/** `x (1 + erf(x / sqrt(2))) / 2` of each element. */
export class GELU extends Layer {
  readonly #approximate: boolean;

  constructor(options: GeluOptions = {}) {
    super();
    checkOptions('GELU', options, ['approximate']);
    this.#approximate = isApproximate(options.approximate);
  }

  override forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.#approximate });
  }

  override extraRepr(): string {
    return `approximate=${this.#approximate ? 'True' : 'False'}`;
  }
}

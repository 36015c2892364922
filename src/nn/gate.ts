/**
 * Activation layers that weigh channels, or draw on parameters or random numbers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkInteger, checkNumber, checkOptions } from '../common/options.js';
import { softmax } from './functional/activation.js';
import { checkAxes, floatText } from './functional/arguments.js';
import {
  glu,
  maxout,
  prelu,
  rrelu,
  rreluBounds,
  type ChannelAxisOptions,
  type GluOptions,
  type RreluOptions,
} from './functional/gate.js';
import { Constant } from './initializer/constant.js';
import { Layer } from './layer/layer.js';
import type { ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';

/** Options of {@link PReLU}. */
export interface PReLUOptions {
  /** 1 for a slope that all channels share, or the number of channels. @defaultValue 1 */
  readonly numParameters?: number;
  /** First value of the slopes. @defaultValue 0.25 */
  readonly init?: number;
  /** Attributes of the slopes. @defaultValue `init` */
  readonly weightAttr?: ParamAttrLike;
  /** Whether channels are the second or the last axis, such as 'NCHW' or 'NHWC'. @defaultValue 'NCHW' */
  readonly dataFormat?: string;
}

/**
 * `x` for positive elements, `weight x` for the others, see {@link functional.prelu}.
 *
 * State: `_weight` [numParameters].
 */
export class PReLU extends Layer {
  /** Slopes of negative elements, [numParameters]. */
  _weight: Parameter;

  readonly #init: number;
  readonly #dataFormat: string;

  constructor(options: PReLUOptions = {}) {
    super();
    checkOptions('PReLU', options, ['numParameters', 'init', 'weightAttr', 'dataFormat']);
    const numParameters = checkInteger('numParameters', options.numParameters ?? 1, 1);
    this.#init = checkNumber('init', options.init ?? 0.25);
    this.#dataFormat = options.dataFormat ?? 'NCHW';
    const weight = this.createParameter([numParameters], {
      attr: options.weightAttr,
      defaultInitializer: new Constant(this.#init),
    });
    if (weight === null) throw new InvalidArgumentError('weightAttr of PReLU must not be false: it always has slopes');
    this._weight = weight;
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this._weight, { dataFormat: this.#dataFormat });
  }

  override extraRepr(): string {
    const main = `num_parameters=${this._weight.size}, data_format=${this.#dataFormat}`;
    return `${main}, init=${floatText(this.#init)}, dtype=float32`;
  }
}

/** Random slopes for negative elements in training, their mean in evaluation, see {@link functional.rrelu}. */
export class RReLU extends Layer {
  readonly #lower: number;
  readonly #upper: number;

  constructor(options: Omit<RreluOptions, 'training'> = {}) {
    super();
    checkOptions('RReLU', options, ['lower', 'upper']);
    [this.#lower, this.#upper] = rreluBounds(options);
  }

  override forward(x: Tensor): Tensor {
    return rrelu(x, { lower: this.#lower, upper: this.#upper, training: this.training });
  }

  override extraRepr(): string {
    return `lower=${this.#lower}, upper=${this.#upper}, training=${this.training ? 'True' : 'False'}, dtype=float32`;
  }
}

/** Largest of each `groups` neighbouring channels, see {@link functional.maxout}. */
export class Maxout extends Layer {
  readonly #groups: number;
  readonly #axis: number;

  /** @param groups - how many channels become one */
  constructor(groups: number, options: ChannelAxisOptions = {}) {
    super();
    checkOptions('Maxout', options, ['axis']);
    this.#groups = checkInteger('groups', groups, 1);
    this.#axis = checkInteger('axis', options.axis ?? 1);
  }

  override forward(x: Tensor): Tensor {
    return maxout(x, this.#groups, { axis: this.#axis });
  }

  override extraRepr(): string {
    return `groups=${this.#groups}, axis=${this.#axis}`;
  }
}

/** `a sigmoid(b)`, where a and b are the halves of the input along an axis. */
export class GLU extends Layer {
  readonly #axis: number;

  constructor(options: GluOptions = {}) {
    super();
    checkOptions('GLU', options, ['axis']);
    this.#axis = checkInteger('axis', options.axis ?? -1);
  }

  override forward(x: Tensor): Tensor {
    return glu(x, { axis: this.#axis });
  }

  override extraRepr(): string {
    return `axis=${this.#axis}`;
  }
}

/** `exp(x) / sum(exp(x))` along the channels of [N, C, H, W] or [C, H, W]. */
export class Softmax2D extends Layer {
  override forward(x: Tensor): Tensor {
    checkAxes('Softmax2D', 'an input', x, [3, 4]);
    return softmax(x, -3);
  }
}

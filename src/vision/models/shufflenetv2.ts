import type { Tensor } from '@tensorflow/tfjs-core';
import { checkChoice } from '../../common/options.js';
import { ReLU, Swish } from '../../nn/activation.js';
import { Linear } from '../../nn/common.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { AdaptiveAvgPool2D, MaxPool2D } from '../../nn/pooling.js';
import { concat, flatten, reshape, split, transpose } from '../../tensor/manipulation.js';
import { ConvNormActivation } from '../ops/conv-norm-activation.js';
import { choose, classifierOptions, type ClassifierOptions } from './options.js';
import { defineBuilder, hapiWeights, type ModelBuilder } from './pretrained.js';

/** Puts the channels of two halves in turn. */
function shuffleChannels(x: Tensor): Tensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  const halves = reshape(x, [batch, 2, channels / 2, height, width]);
  return reshape(transpose(halves, [0, 2, 1, 3, 4]), [batch, channels, height, width]);
}

type MakeActivation = (() => Layer) | null;

const pointwise = (inputs: number, outputs: number, activationLayer: MakeActivation) =>
  new ConvNormActivation(inputs, outputs, { kernelSize: 1, activationLayer });

const depthwise = (channels: number, stride: number) =>
  new ConvNormActivation(channels, channels, { stride, groups: channels, activationLayer: null });

/** Passes half of the channels on and filters the others. */
class InvertedResidual extends Layer {
  _conv_pw: ConvNormActivation;
  _conv_dw: ConvNormActivation;
  _conv_linear: ConvNormActivation;

  constructor(channels: number, activation: MakeActivation) {
    super();
    this._conv_pw = pointwise(channels / 2, channels / 2, activation);
    this._conv_dw = depthwise(channels / 2, 1);
    this._conv_linear = pointwise(channels / 2, channels / 2, activation);
  }

  override forward(x: Tensor): Tensor {
    const [passed, filtered] = split(x, 2, 1) as [Tensor, Tensor];
    const y = this._conv_linear.forward(this._conv_dw.forward(this._conv_pw.forward(filtered)));
    return shuffleChannels(concat([passed, y], 1));
  }
}

/** Filters all channels twice, with half the height and width. */
class InvertedResidualDS extends Layer {
  _conv_dw_1: ConvNormActivation;
  _conv_linear_1: ConvNormActivation;
  _conv_pw_2: ConvNormActivation;
  _conv_dw_2: ConvNormActivation;
  _conv_linear_2: ConvNormActivation;

  constructor(inputs: number, outputs: number, activation: MakeActivation) {
    super();
    this._conv_dw_1 = depthwise(inputs, 2);
    this._conv_linear_1 = pointwise(inputs, outputs / 2, activation);
    this._conv_pw_2 = pointwise(inputs, outputs / 2, activation);
    this._conv_dw_2 = depthwise(outputs / 2, 2);
    this._conv_linear_2 = pointwise(outputs / 2, outputs / 2, activation);
  }

  override forward(x: Tensor): Tensor {
    const first = this._conv_linear_1.forward(this._conv_dw_1.forward(x));
    const second = this._conv_linear_2.forward(this._conv_dw_2.forward(this._conv_pw_2.forward(x)));
    return shuffleChannels(concat([first, second], 1));
  }
}

/** Options of {@link shufflenet_v2_x1_0} and the other scales. */
export interface ShuffleNetV2BuilderOptions extends ClassifierOptions {
  /** Activation; null for none. @defaultValue 'relu' */
  readonly act?: 'relu' | 'swish' | null;
}

/** Options of {@link ShuffleNetV2}. */
export interface ShuffleNetV2Options extends ShuffleNetV2BuilderOptions {
  /** Which channels: 0.25, 0.33, 0.5, 1, 1.5 or 2. @defaultValue 1 */
  readonly scale?: number;
}

/** Channels of the three stages and of the last convolution, by scale. */
const channelsByScale = new Map<number, readonly [number, number, number, number]>([
  [0.25, [24, 48, 96, 512]],
  [0.33, [32, 64, 128, 512]],
  [0.5, [48, 96, 192, 1024]],
  [1, [116, 232, 464, 1024]],
  [1.5, [176, 352, 704, 1024]],
  [2, [224, 488, 976, 2048]],
]);

/** Blocks of the three stages. */
const counts = [4, 8, 4] as const;

function activationOf(act: 'relu' | 'swish' | null): MakeActivation {
  if (act === null) return null;
  return checkChoice('act', act, ['relu', 'swish']) === 'swish' ? () => new Swish() : () => new ReLU();
}

/**
 * ShuffleNetV2 for images [N, 3, H, W] (Ma et al., "ShuffleNet V2: practical guidelines for efficient CNN architecture
 * design", 2018).
 *
 * Its blocks are named `2_1` to `2_4`, `3_1` to `3_8` and `4_1` to `4_4`.
 */
export class ShuffleNetV2 extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['_fc'];

  /** First convolution. */
  _conv1: Layer;
  /** First pool. */
  _max_pool: Layer;
  // The blocks come here; fields that are defined with the class would come before them.
  /** Last convolution. */
  declare _last_conv: Layer;
  /** Pool before the classifier, or null. */
  declare _pool2d_avg: Layer | null;
  /** Classifier, or null. */
  declare _fc: Layer | null;

  readonly #blockNames: string[] = [];

  constructor(options: ShuffleNetV2Options = {}) {
    super();
    const { numClasses, withPool } = classifierOptions('ShuffleNetV2', options, ['scale', 'act']);
    const activationLayer = activationOf(options.act === undefined ? 'relu' : options.act);
    const [stage2, stage3, stage4, last] = choose('scale', options.scale ?? 1, channelsByScale);
    this._conv1 = new ConvNormActivation(3, 24, { stride: 2, activationLayer });
    this._max_pool = new MaxPool2D(3, { stride: 2, padding: 1 });
    let inputs = 24;
    for (const [index, channels] of [stage2, stage3, stage4].entries()) {
      for (let i = 0; i < (counts[index] ?? 0); i++) {
        const block =
          i === 0
            ? new InvertedResidualDS(inputs, channels, activationLayer)
            : new InvertedResidual(channels, activationLayer);
        const name = `${index + 2}_${i + 1}`;
        this.addSublayer(name, block);
        this.#blockNames.push(name);
      }
      inputs = channels;
    }
    this._last_conv = pointwise(inputs, last, activationLayer);
    this._pool2d_avg = withPool ? new AdaptiveAvgPool2D(1) : null;
    this._fc = numClasses > 0 ? new Linear(last, numClasses) : null;
  }

  override forward(x: Tensor): Tensor {
    const blocks = this as unknown as Record<string, Layer>;
    let y = this._max_pool.forward(this._conv1.forward(x));
    for (const name of this.#blockNames) y = blocks[name]!.forward(y);
    y = this._last_conv.forward(y);
    if (this._pool2d_avg !== null) y = this._pool2d_avg.forward(y);
    return this._fc === null ? y : this._fc.forward(flatten(y, { startAxis: 1 }));
  }
}

declareRecordable(InvertedResidual, InvertedResidualDS, ShuffleNetV2);

function define(name: string, scale: number, md5: string): ModelBuilder<ShuffleNetV2, ShuffleNetV2BuilderOptions> {
  const weights = hapiWeights(name, md5);
  return defineBuilder<ShuffleNetV2, ShuffleNetV2BuilderOptions>(name, {
    options: ['act', 'numClasses', 'withPool'],
    make: (options) => new ShuffleNetV2({ ...options, scale }),
    weights: () => weights,
  });
}

/** ShuffleNetV2 with about a quarter of the channels. */
export const shufflenet_v2_x0_25 = define('shufflenet_v2_x0_25', 0.25, '1e509b4c140eeb096bb16e214796d03b');

/** ShuffleNetV2 with about a third of the channels. */
export const shufflenet_v2_x0_33 = define('shufflenet_v2_x0_33', 0.33, '3d7b3ab0eaa5c0927ff1026d31b729bd');

/** ShuffleNetV2 with about half of the channels. */
export const shufflenet_v2_x0_5 = define('shufflenet_v2_x0_5', 0.5, '5e5cee182a7793c4e4c73949b1a71bd4');

/** ShuffleNetV2. */
export const shufflenet_v2_x1_0 = define('shufflenet_v2_x1_0', 1, '122d42478b9e81eb49f8a9ede327b1a4');

/** ShuffleNetV2 with about one and a half times the channels. */
export const shufflenet_v2_x1_5 = define('shufflenet_v2_x1_5', 1.5, 'faced5827380d73531d0ee027c67826d');

/** ShuffleNetV2 with about twice the channels. */
export const shufflenet_v2_x2_0 = define('shufflenet_v2_x2_0', 2, 'cd3dddcd8305e7bcd8ad14d1c69a5784');

const swishWeights = hapiWeights('shufflenet_v2_swish', 'adde0aa3b023e5b0c94a68be1c394b84');

/** ShuffleNetV2 with swish activations. */
export const shufflenet_v2_swish = defineBuilder<ShuffleNetV2, ClassifierOptions>('shufflenet_v2_swish', {
  options: ['numClasses', 'withPool'],
  make: (options) => new ShuffleNetV2({ ...options, act: 'swish' }),
  weights: () => swishWeights,
});

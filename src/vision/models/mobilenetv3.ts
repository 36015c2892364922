import type { Tensor } from '@tensorflow/tfjs-core';
import { Hardsigmoid, Hardswish, ReLU } from '../../nn/activation.js';
import { Dropout, Linear } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import { Sequential } from '../../nn/layer/containers.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { BatchNorm2D } from '../../nn/norm.js';
import { AdaptiveAvgPool2D } from '../../nn/pooling.js';
import { flatten } from '../../tensor/manipulation.js';
import { add, multiply } from '../../tensor/math.js';
import { ConvNormActivation } from '../ops/conv-norm-activation.js';
import { roundChannels, scaledOptions, type ScaledOptions } from './options.js';
import { defineBuilder, hapiWeights, type ModelBuilder } from './pretrained.js';

const normLayer = (channels: number) => new BatchNorm2D(channels, { epsilon: 0.001, momentum: 0.99 });
const hardswish = () => new Hardswish();
const relu = () => new ReLU();

/** Factors on the channels by their means (Hu et al., "Squeeze-and-excitation networks", 2017). */
class SqueezeExcitation extends Layer {
  avgpool = new AdaptiveAvgPool2D(1);
  fc1: Conv2D;
  fc2: Conv2D;
  activation = new ReLU();
  scale_activation = new Hardsigmoid();

  constructor(channels: number, squeezed: number) {
    super();
    this.fc1 = new Conv2D(channels, squeezed, 1);
    this.fc2 = new Conv2D(squeezed, channels, 1);
  }

  override forward(x: Tensor): Tensor {
    const squeezed = this.activation.forward(this.fc1.forward(this.avgpool.forward(x)));
    return multiply(this.scale_activation.forward(this.fc2.forward(squeezed)), x);
  }
}

/** What a block is made of; its channels are scaled. */
interface BlockConfig {
  readonly inputs: number;
  readonly kernel: number;
  readonly expanded: number;
  readonly outputs: number;
  readonly squeezes: boolean;
  readonly activation: () => Layer;
  readonly stride: number;
}

/** Widens, filters each channel, weighs the channels, and narrows; adds its input when that has the same shape. */
class InvertedResidual extends Layer {
  expand_conv: ConvNormActivation | null;
  bottleneck_conv: ConvNormActivation;
  mid_se: SqueezeExcitation | null;
  linear_conv: ConvNormActivation;
  readonly #adds: boolean;

  constructor({ inputs, kernel, expanded, outputs, squeezes, activation, stride }: BlockConfig) {
    super();
    const activationLayer = activation;
    this.expand_conv =
      inputs === expanded
        ? null
        : new ConvNormActivation(inputs, expanded, { kernelSize: 1, normLayer, activationLayer });
    this.bottleneck_conv = new ConvNormActivation(expanded, expanded, {
      kernelSize: kernel,
      stride,
      groups: expanded,
      normLayer,
      activationLayer,
    });
    this.mid_se = squeezes ? new SqueezeExcitation(expanded, roundChannels(Math.floor(expanded / 4))) : null;
    this.linear_conv = new ConvNormActivation(expanded, outputs, { kernelSize: 1, normLayer, activationLayer: null });
    this.#adds = stride === 1 && inputs === outputs;
  }

  override forward(x: Tensor): Tensor {
    let y = this.expand_conv === null ? x : this.expand_conv.forward(x);
    y = this.bottleneck_conv.forward(y);
    if (this.mid_se !== null) y = this.mid_se.forward(y);
    y = this.linear_conv.forward(y);
    return this.#adds ? add(x, y) : y;
  }
}

/** Input channels, kernel size, channels in between, output channels, squeeze and excitation, activation, stride. */
type Row = readonly [
  inputs: number,
  kernel: number,
  expanded: number,
  outputs: number,
  squeezes: boolean,
  activation: () => Layer,
  stride: number,
];

const small: readonly Row[] = [
  [16, 3, 16, 16, true, relu, 2],
  [16, 3, 72, 24, false, relu, 2],
  [24, 3, 88, 24, false, relu, 1],
  [24, 5, 96, 40, true, hardswish, 2],
  [40, 5, 240, 40, true, hardswish, 1],
  [40, 5, 240, 40, true, hardswish, 1],
  [40, 5, 120, 48, true, hardswish, 1],
  [48, 5, 144, 48, true, hardswish, 1],
  [48, 5, 288, 96, true, hardswish, 2],
  [96, 5, 576, 96, true, hardswish, 1],
  [96, 5, 576, 96, true, hardswish, 1],
];

const large: readonly Row[] = [
  [16, 3, 16, 16, false, relu, 1],
  [16, 3, 64, 24, false, relu, 2],
  [24, 3, 72, 24, false, relu, 1],
  [24, 5, 72, 40, true, relu, 2],
  [40, 5, 120, 40, true, relu, 1],
  [40, 5, 120, 40, true, relu, 1],
  [40, 3, 240, 80, false, hardswish, 2],
  [80, 3, 200, 80, false, hardswish, 1],
  [80, 3, 184, 80, false, hardswish, 1],
  [80, 3, 184, 80, false, hardswish, 1],
  [80, 3, 480, 112, true, hardswish, 1],
  [112, 3, 672, 112, true, hardswish, 1],
  [112, 5, 672, 160, true, hardswish, 2],
  [160, 5, 960, 160, true, hardswish, 1],
  [160, 5, 960, 160, true, hardswish, 1],
];

/** What the two sizes share. */
abstract class MobileNetV3 extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['classifier.3'];

  /** First convolution. */
  conv: Layer;
  /** Blocks. */
  blocks: Sequential;
  /** Last convolution. */
  lastconv: Layer;
  /** Pool before the classifier, or null. */
  avgpool: Layer | null;
  /** Classifier, or null. */
  classifier: Layer | null;

  protected constructor(rows: readonly Row[], last: number, options: ScaledOptions) {
    super();
    const { scale, numClasses, withPool } = scaledOptions(new.target.name, options);
    const scaled = (channels: number) => roundChannels(channels * scale);
    const configs = rows.map(([inputs, kernel, expanded, outputs, squeezes, activation, stride]) => ({
      inputs: scaled(inputs),
      kernel,
      expanded: scaled(expanded),
      outputs: scaled(outputs),
      squeezes,
      activation,
      stride,
    }));
    const first = scaled(16);
    // The channels that go into the last block also come out of it.
    const channels = configs.at(-1)?.inputs ?? first;
    const wide = channels * 6;
    this.conv = new ConvNormActivation(3, first, { stride: 2, normLayer, activationLayer: hardswish });
    this.blocks = new Sequential(...configs.map((config) => new InvertedResidual(config)));
    this.lastconv = new ConvNormActivation(channels, wide, { kernelSize: 1, normLayer, activationLayer: hardswish });
    this.avgpool = withPool ? new AdaptiveAvgPool2D(1) : null;
    this.classifier =
      numClasses > 0
        ? new Sequential(
            new Linear(wide, scaled(last)),
            new Hardswish(),
            new Dropout(0.2),
            new Linear(scaled(last), numClasses),
          )
        : null;
  }

  override forward(x: Tensor): Tensor {
    let y = this.lastconv.forward(this.blocks.forward(this.conv.forward(x)));
    if (this.avgpool !== null) y = this.avgpool.forward(y);
    return this.classifier === null ? y : this.classifier.forward(flatten(y, { startAxis: 1 }));
  }
}

/** Small MobileNetV3 for images [N, 3, H, W] (Howard et al., "Searching for MobileNetV3", 2019). */
export class MobileNetV3Small extends MobileNetV3 {
  constructor(options: ScaledOptions = {}) {
    super(small, 1024, options);
  }
}

/** Large MobileNetV3 for images [N, 3, H, W] (Howard et al., "Searching for MobileNetV3", 2019). */
export class MobileNetV3Large extends MobileNetV3 {
  constructor(options: ScaledOptions = {}) {
    super(large, 1280, options);
  }
}

declareRecordable(SqueezeExcitation, InvertedResidual, MobileNetV3Small, MobileNetV3Large);

function define<Network extends MobileNetV3>(
  size: 'small' | 'large',
  make: (options: ScaledOptions) => Network,
  md5: string,
): ModelBuilder<Network, ScaledOptions> {
  const name = `mobilenet_v3_${size}`;
  const weights = hapiWeights(`${name}_x1.0`, md5);
  return defineBuilder<Network, ScaledOptions>(name, {
    options: ['scale', 'numClasses', 'withPool'],
    make,
    weights: ({ scale = 1 }) => (scale === 1 ? weights : undefined),
  });
}

/** Small MobileNetV3. */
export const mobilenet_v3_small = define(
  'small',
  (options) => new MobileNetV3Small(options),
  '34fe0e7c1f8b00b2b056ad6788d0590c',
);

/** Large MobileNetV3. */
export const mobilenet_v3_large = define(
  'large',
  (options) => new MobileNetV3Large(options),
  '118db5792b4e183b925d8e8e334db3df',
);

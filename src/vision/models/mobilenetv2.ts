import type { Tensor } from '@tensorflow/tfjs-core';
import { ReLU6 } from '../../nn/activation.js';
import { Dropout, Linear } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import { Sequential } from '../../nn/layer/containers.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { BatchNorm2D } from '../../nn/norm.js';
import { AdaptiveAvgPool2D } from '../../nn/pooling.js';
import { flatten } from '../../tensor/manipulation.js';
import { add } from '../../tensor/math.js';
import { ConvNormActivation } from '../ops/conv-norm-activation.js';
import { roundChannels, scaledOptions, type ScaledOptions } from './options.js';
import { defineBuilder, hapiWeights } from './pretrained.js';

const activationLayer = () => new ReLU6();

/** Widens, filters each channel, and narrows; adds its input when that has the same shape. */
class InvertedResidual extends Layer {
  conv: Sequential;
  readonly #adds: boolean;

  constructor(inputs: number, outputs: number, stride: number, expansion: number) {
    super();
    const hidden = Math.round(inputs * expansion);
    const expand = expansion === 1 ? [] : [new ConvNormActivation(inputs, hidden, { kernelSize: 1, activationLayer })];
    this.conv = new Sequential(
      ...expand,
      new ConvNormActivation(hidden, hidden, { stride, groups: hidden, activationLayer }),
      new Conv2D(hidden, outputs, 1, { biasAttr: false }),
      new BatchNorm2D(outputs),
    );
    this.#adds = stride === 1 && inputs === outputs;
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv.forward(x);
    return this.#adds ? add(x, y) : y;
  }
}

/** Expansion, output channels, number of blocks and stride of the first one. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/**
 * MobileNetV2 for images [N, 3, H, W] (Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018).
 */
export class MobileNetV2 extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['classifier.1'];

  /** Convolutions. */
  features: Sequential;
  /** Pool before the classifier, or null. */
  pool2d_avg: Layer | null;
  /** Dropout and classifier, or null. */
  classifier: Layer | null;

  constructor(options: ScaledOptions = {}) {
    super();
    const { scale, numClasses, withPool } = scaledOptions('MobileNetV2', options);
    let channels = roundChannels(32 * scale);
    const last = roundChannels(1280 * Math.max(1, scale));
    const layers: Layer[] = [new ConvNormActivation(3, channels, { stride: 2, activationLayer })];
    for (const [expansion, width, count, stride] of stages) {
      const outputs = roundChannels(width * scale);
      for (let i = 0; i < count; i++) {
        layers.push(new InvertedResidual(channels, outputs, i === 0 ? stride : 1, expansion));
        channels = outputs;
      }
    }
    layers.push(new ConvNormActivation(channels, last, { kernelSize: 1, activationLayer }));
    this.features = new Sequential(...layers);
    this.pool2d_avg = withPool ? new AdaptiveAvgPool2D(1) : null;
    this.classifier = numClasses > 0 ? new Sequential(new Dropout(0.2), new Linear(last, numClasses)) : null;
  }

  override forward(x: Tensor): Tensor {
    let y = this.features.forward(x);
    if (this.pool2d_avg !== null) y = this.pool2d_avg.forward(y);
    return this.classifier === null ? y : this.classifier.forward(flatten(y, { startAxis: 1 }));
  }
}

declareRecordable(InvertedResidual, MobileNetV2);

const weights = hapiWeights('mobilenet_v2_x1.0', '0340af0a901346c8d46f4529882fb63d');

/** MobileNetV2. */
export const mobilenet_v2 = defineBuilder<MobileNetV2, ScaledOptions>('mobilenet_v2', {
  options: ['scale', 'numClasses', 'withPool'],
  make: (options) => new MobileNetV2(options),
  weights: ({ scale = 1 }) => (scale === 1 ? weights : undefined),
});

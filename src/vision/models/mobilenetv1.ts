import type { Tensor } from '@tensorflow/tfjs-core';
import { Linear } from '../../nn/common.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { AdaptiveAvgPool2D } from '../../nn/pooling.js';
import { flatten } from '../../tensor/manipulation.js';
import { ConvNormActivation } from '../ops/conv-norm-activation.js';
import { scaledOptions, type ScaledOptions } from './options.js';
import { defineBuilder, hapiWeights } from './pretrained.js';

/** A 3 x 3 convolution of each channel and a 1 x 1 convolution of all. */
class DepthwiseSeparable extends Layer {
  _depthwise_conv: ConvNormActivation;
  _pointwise_conv: ConvNormActivation;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    this._depthwise_conv = new ConvNormActivation(inputs, inputs, { stride, groups: inputs });
    this._pointwise_conv = new ConvNormActivation(inputs, outputs, { kernelSize: 1 });
  }

  override forward(x: Tensor): Tensor {
    return this._pointwise_conv.forward(this._depthwise_conv.forward(x));
  }
}

/**
 * MobileNet for images [N, 3, H, W] (Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision
 * applications", 2017).
 */
export class MobileNetV1 extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['fc'];

  /** First convolution. */
  conv1: Layer;
  /** Separable convolution. */
  conv2_1: Layer;
  /** Separable convolution. */
  conv2_2: Layer;
  /** Separable convolution. */
  conv3_1: Layer;
  /** Separable convolution. */
  conv3_2: Layer;
  /** Separable convolution. */
  conv4_1: Layer;
  /** Separable convolution. */
  conv4_2: Layer;
  /** Separable convolution. */
  conv5_1: Layer;
  /** Separable convolution. */
  conv5_2: Layer;
  /** Separable convolution. */
  conv5_3: Layer;
  /** Separable convolution. */
  conv5_4: Layer;
  /** Separable convolution. */
  conv5_5: Layer;
  /** Separable convolution. */
  conv5_6: Layer;
  /** Separable convolution. */
  conv6: Layer;
  /** Pool before the classifier, or null. */
  pool2d_avg: Layer | null;
  /** Classifier, or null. */
  fc: Layer | null;

  constructor(options: ScaledOptions = {}) {
    super();
    const { scale, numClasses, withPool } = scaledOptions('MobileNetV1', options);
    const scaled = (channels: number) => Math.trunc(channels * scale);
    const separable = (inputs: number, outputs: number, stride: number) =>
      new DepthwiseSeparable(scaled(inputs), scaled(outputs), stride);
    this.conv1 = new ConvNormActivation(3, scaled(32), { stride: 2 });
    this.conv2_1 = separable(32, 64, 1);
    this.conv2_2 = separable(64, 128, 2);
    this.conv3_1 = separable(128, 128, 1);
    this.conv3_2 = separable(128, 256, 2);
    this.conv4_1 = separable(256, 256, 1);
    this.conv4_2 = separable(256, 512, 2);
    this.conv5_1 = separable(512, 512, 1);
    this.conv5_2 = separable(512, 512, 1);
    this.conv5_3 = separable(512, 512, 1);
    this.conv5_4 = separable(512, 512, 1);
    this.conv5_5 = separable(512, 512, 1);
    this.conv5_6 = separable(512, 1024, 2);
    this.conv6 = separable(1024, 1024, 1);
    this.pool2d_avg = withPool ? new AdaptiveAvgPool2D(1) : null;
    this.fc = numClasses > 0 ? new Linear(scaled(1024), numClasses) : null;
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (const layer of [
      this.conv1,
      this.conv2_1,
      this.conv2_2,
      this.conv3_1,
      this.conv3_2,
      this.conv4_1,
      this.conv4_2,
      this.conv5_1,
      this.conv5_2,
      this.conv5_3,
      this.conv5_4,
      this.conv5_5,
      this.conv5_6,
      this.conv6,
    ]) {
      y = layer.forward(y);
    }
    if (this.pool2d_avg !== null) y = this.pool2d_avg.forward(y);
    return this.fc === null ? y : this.fc.forward(flatten(y, { startAxis: 1 }));
  }
}

declareRecordable(DepthwiseSeparable, MobileNetV1);

const weights = hapiWeights('mobilenetv1_1.0', '3033ab1975b1670bef51545feb65fc45');

/** MobileNetV1. */
export const mobilenet_v1 = defineBuilder<MobileNetV1, ScaledOptions>('mobilenet_v1', {
  options: ['scale', 'numClasses', 'withPool'],
  make: (options) => new MobileNetV1(options),
  weights: ({ scale = 1 }) => (scale === 1 ? weights : undefined),
});

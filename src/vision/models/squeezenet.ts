import type { Tensor } from '@tensorflow/tfjs-core';
import { checkChoice } from '../../common/options.js';
import { Dropout } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import { relu } from '../../nn/functional/activation.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { AdaptiveAvgPool2D, MaxPool2D } from '../../nn/pooling.js';
import { concat, squeeze } from '../../tensor/manipulation.js';
import { classifierOptions, type ClassifierOptions } from './options.js';
import { defineBuilder, imagenetWeights, type ModelBuilder } from './pretrained.js';

/** A convolution and a ReLU. */
class MakeFireConv extends Layer {
  _conv: Conv2D;

  constructor(inputs: number, outputs: number, kernel: number, padding = 0) {
    super();
    this._conv = new Conv2D(inputs, outputs, kernel, { padding });
  }

  override forward(x: Tensor): Tensor {
    return relu(this._conv.forward(x));
  }
}

/** A fire module: few channels in between, and from there 1 x 1 and 3 x 3 convolutions side by side. */
class MakeFire extends Layer {
  _conv: MakeFireConv;
  _conv_path1: MakeFireConv;
  _conv_path2: MakeFireConv;

  constructor(inputs: number, squeezed: number, expanded: number) {
    super();
    this._conv = new MakeFireConv(inputs, squeezed, 1);
    this._conv_path1 = new MakeFireConv(squeezed, expanded, 1);
    this._conv_path2 = new MakeFireConv(squeezed, expanded, 3, 1);
  }

  override forward(x: Tensor): Tensor {
    const y = this._conv.forward(x);
    return concat([this._conv_path1.forward(y), this._conv_path2.forward(y)], 1);
  }
}

/**
 * SqueezeNet for images [N, 3, H, W] (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and
 * <0.5MB model size", 2016).
 */
export class SqueezeNet extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['_conv9'];

  /** First convolution. */
  _conv: Layer;
  /** Pool between the parts. */
  _pool: Layer = new MaxPool2D(3, { stride: 2 });
  /** First fire module. */
  _conv1: Layer;
  /** Second fire module. */
  _conv2: Layer = new MakeFire(128, 16, 64);
  /** Third fire module. */
  _conv3: Layer = new MakeFire(128, 32, 128);
  /** Fourth fire module. */
  _conv4: Layer = new MakeFire(256, 32, 128);
  /** Fifth fire module. */
  _conv5: Layer = new MakeFire(256, 48, 192);
  /** Sixth fire module. */
  _conv6: Layer = new MakeFire(384, 48, 192);
  /** Seventh fire module. */
  _conv7: Layer = new MakeFire(384, 64, 256);
  /** Eighth fire module. */
  _conv8: Layer = new MakeFire(512, 64, 256);
  /** Dropout before the classifier. */
  _drop: Layer = new Dropout({ p: 0.5, mode: 'downscale_in_infer' });
  /** Classifier: a 1 x 1 convolution; without output channels, and not run, when there are no classes. */
  _conv9: Layer;
  /** Pool after the classifier. */
  _avg_pool: Layer = new AdaptiveAvgPool2D(1);

  readonly #version: '1.0' | '1.1';
  readonly #numClasses: number;
  readonly #withPool: boolean;

  /** @param version - '1.0', or '1.1' with smaller and earlier pooled images at the same accuracy */
  constructor(version: '1.0' | '1.1', options: ClassifierOptions = {}) {
    super();
    const { numClasses, withPool } = classifierOptions('SqueezeNet', options);
    this.#version = checkChoice('version', version, ['1.0', '1.1']);
    this.#numClasses = numClasses;
    this.#withPool = withPool;
    this._conv =
      version === '1.0' ? new Conv2D(3, 96, 7, { stride: 2 }) : new Conv2D(3, 64, 3, { stride: 2, padding: 1 });
    this._conv1 = new MakeFire(version === '1.0' ? 96 : 64, 16, 64);
    this._conv9 = new Conv2D(512, Math.max(numClasses, 0), 1);
  }

  override forward(x: Tensor): Tensor {
    const { _pool, _conv1, _conv2, _conv3, _conv4, _conv5, _conv6, _conv7, _conv8 } = this;
    const layers =
      this.#version === '1.0'
        ? [_pool, _conv1, _conv2, _conv3, _pool, _conv4, _conv5, _conv6, _conv7, _pool, _conv8]
        : [_pool, _conv1, _conv2, _pool, _conv3, _conv4, _pool, _conv5, _conv6, _conv7, _conv8];
    let y = relu(this._conv.forward(x));
    for (const layer of layers) y = layer.forward(y);
    if (this.#numClasses > 0) y = this._conv9.forward(this._drop.forward(y));
    return this.#withPool ? squeeze(this._avg_pool.forward(relu(y)), [2, 3]) : y;
  }
}

declareRecordable(MakeFireConv, MakeFire, SqueezeNet);

function define(version: '1.0' | '1.1', name: string, md5: string): ModelBuilder<SqueezeNet, ClassifierOptions> {
  const weights = imagenetWeights(`SqueezeNet${version.replace('.', '_')}`, md5);
  return defineBuilder<SqueezeNet, ClassifierOptions>(name, {
    options: ['numClasses', 'withPool'],
    make: (options) => new SqueezeNet(version, options),
    weights: () => weights,
  });
}

/** SqueezeNet 1.0. */
export const squeezenet1_0 = define('1.0', 'squeezenet1_0', '30b95af60a2178f03cf9b66cd77e1db1');

/** SqueezeNet 1.1. */
export const squeezenet1_1 = define('1.1', 'squeezenet1_1', 'a11250d3a1f91d7131fd095ebbf09eee');

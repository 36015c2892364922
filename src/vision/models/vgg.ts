import type { Tensor } from '@tensorflow/tfjs-core';
import { checkBoolean, checkOptions } from '../../common/options.js';
import { ReLU } from '../../nn/activation.js';
import { Dropout, Linear } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import { Sequential } from '../../nn/layer/containers.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { BatchNorm2D } from '../../nn/norm.js';
import { AdaptiveAvgPool2D, MaxPool2D } from '../../nn/pooling.js';
import { flatten } from '../../tensor/manipulation.js';
import { classifierOptions, type ClassifierOptions } from './options.js';
import { defineBuilder, hapiWeights, type ModelBuilder, type Weights } from './pretrained.js';

/** The layers of {@link VGG}'s features: the channels of a convolution, or 'M' for a pool. */
export type VGGConfig = readonly (number | 'M')[];

/**
 * VGG for images [N, 3, H, W] (Simonyan and Zisserman, "Very deep convolutional networks for large-scale image
 * recognition", 2014).
 *
 * @example
 * ```ts
 * new VGG(VGG.makeLayers([64, 'M', 128, 'M', 512, 'M'], { batchNorm: true }), { numClasses: 10 });
 * ```
 */
export class VGG extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['classifier.6'];

  /** Convolutions and pools. */
  features: Layer;
  /** Pool before the classifier, or null. */
  avgpool: Layer | null;
  /** Classifier, or null. */
  classifier: Layer | null;

  /** @param features - gives [N, 512, H', W'] */
  constructor(features: Layer, options: ClassifierOptions = {}) {
    super();
    const { numClasses, withPool } = classifierOptions('VGG', options);
    this.features = features;
    this.avgpool = withPool ? new AdaptiveAvgPool2D([7, 7]) : null;
    this.classifier =
      numClasses > 0
        ? new Sequential(
            new Linear(512 * 7 * 7, 4096),
            new ReLU(),
            new Dropout(),
            new Linear(4096, 4096),
            new ReLU(),
            new Dropout(),
            new Linear(4096, numClasses),
          )
        : null;
  }

  /**
   * Features: 3 x 3 convolutions with a ReLU each, and 2 x 2 pools.
   *
   * @param options - `batchNorm`: normalise after each convolution. @defaultValue false
   */
  static makeLayers(config: VGGConfig, options: { readonly batchNorm?: boolean } = {}): Sequential {
    checkOptions('VGG.makeLayers', options, ['batchNorm']);
    const batchNorm = checkBoolean('batchNorm', options.batchNorm ?? false);
    const layers: Layer[] = [];
    let channels = 3;
    for (const item of config) {
      if (item === 'M') {
        layers.push(new MaxPool2D(2, { stride: 2 }));
      } else {
        layers.push(new Conv2D(channels, item, 3, { padding: 1 }));
        if (batchNorm) layers.push(new BatchNorm2D(item));
        layers.push(new ReLU());
        channels = item;
      }
    }
    return new Sequential(...layers);
  }

  override forward(x: Tensor): Tensor {
    let y = this.features.forward(x);
    if (this.avgpool !== null) y = this.avgpool.forward(y);
    return this.classifier === null ? y : this.classifier.forward(flatten(y, { startAxis: 1 }));
  }
}

declareRecordable(VGG);

/** Options of {@link vgg16} and the others. */
export interface VGGOptions extends ClassifierOptions {
  /** Normalise after each convolution; there are no trained weights for it. @defaultValue false */
  readonly batchNorm?: boolean;
}

function define(name: string, config: VGGConfig, weights?: Weights): ModelBuilder<VGG, VGGOptions> {
  return defineBuilder<VGG, VGGOptions>(name, {
    options: ['batchNorm', 'numClasses', 'withPool'],
    make: ({ batchNorm, ...options }) => new VGG(VGG.makeLayers(config, { batchNorm }), options),
    weights: ({ batchNorm }) => (batchNorm ? undefined : weights),
  });
}

/** VGG of 11 layers; there are no trained weights. */
export const vgg11 = define('vgg11', [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M']);

/** VGG of 13 layers; there are no trained weights. */
export const vgg13 = define('vgg13', [64, 64, 'M', 128, 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M']);

/** VGG of 16 layers. */
export const vgg16 = define(
  'vgg16',
  [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 'M', 512, 512, 512, 'M', 512, 512, 512, 'M'],
  hapiWeights('vgg16', '89bbffc0f87d260be9b8cdc169c991c4'),
);

/** VGG of 19 layers. */
export const vgg19 = define(
  'vgg19',
  [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 256, 'M', 512, 512, 512, 512, 'M', 512, 512, 512, 512, 'M'],
  hapiWeights('vgg19', '23b18bb13d8894f60f54e642be79a0dd'),
);

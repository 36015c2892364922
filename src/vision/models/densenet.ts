import type { Tensor } from '@tensorflow/tfjs-core';
import { checkInteger, checkNumber } from '../../common/options.js';
import { Dropout, Linear } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { BatchNorm } from '../../nn/norm.js';
import { AdaptiveAvgPool2D, AvgPool2D, MaxPool2D } from '../../nn/pooling.js';
import { concat, flatten } from '../../tensor/manipulation.js';
import { uniformWithin } from './attributes.js';
import { choose, classifierOptions, type ClassifierOptions } from './options.js';
import { defineBuilder, imagenetWeights, type ModelBuilder } from './pretrained.js';

/** A normalisation, a ReLU and a convolution. */
class BNACConvLayer extends Layer {
  _batch_norm: BatchNorm;
  _conv: Conv2D;

  constructor(inputs: number, outputs: number, kernel: number, padding = 0) {
    super();
    this._batch_norm = new BatchNorm(inputs, { act: 'relu' });
    this._conv = new Conv2D(inputs, outputs, kernel, { padding, biasAttr: false });
  }

  override forward(x: Tensor): Tensor {
    return this._conv.forward(this._batch_norm.forward(x));
  }
}

/** Two convolutions whose output joins their input. */
class DenseLayer extends Layer {
  bn_ac_func1: BNACConvLayer;
  bn_ac_func2: BNACConvLayer;
  dropout_func: Dropout | null;

  constructor(inputs: number, growth: number, bnSize: number, dropout: number) {
    super();
    this.bn_ac_func1 = new BNACConvLayer(inputs, bnSize * growth, 1);
    this.bn_ac_func2 = new BNACConvLayer(bnSize * growth, growth, 3, 1);
    this.dropout_func = dropout > 0 ? new Dropout({ p: dropout, mode: 'downscale_in_infer' }) : null;
  }

  override forward(x: Tensor): Tensor {
    const y = this.bn_ac_func2.forward(this.bn_ac_func1.forward(x));
    return concat([x, this.dropout_func === null ? y : this.dropout_func.forward(y)], 1);
  }
}

/** Dense layers one after the other. */
class DenseBlock extends Layer {
  constructor(name: string, inputs: number, count: number, growth: number, bnSize: number, dropout: number) {
    super();
    for (let i = 0; i < count; i++) {
      this.addSublayer(`${name}_${i + 1}`, new DenseLayer(inputs + i * growth, growth, bnSize, dropout));
    }
  }

  override forward(x: Tensor): Tensor {
    return this.children().reduce((y, layer) => layer.forward(y) as Tensor, x);
  }
}

/** Halves the channels, height and width. */
class TransitionLayer extends Layer {
  conv_ac_func: BNACConvLayer;
  pool2d_avg = new AvgPool2D(2, { stride: 2 });

  constructor(inputs: number) {
    super();
    this.conv_ac_func = new BNACConvLayer(inputs, Math.floor(inputs / 2), 1);
  }

  override forward(x: Tensor): Tensor {
    return this.pool2d_avg.forward(this.conv_ac_func.forward(x));
  }
}

/** A convolution, a normalisation and a ReLU. */
class ConvBNLayer extends Layer {
  _conv: Conv2D;
  _batch_norm: BatchNorm;

  constructor(outputs: number) {
    super();
    this._conv = new Conv2D(3, outputs, 7, { stride: 2, padding: 3, biasAttr: false });
    this._batch_norm = new BatchNorm(outputs, { act: 'relu' });
  }

  override forward(x: Tensor): Tensor {
    return this._batch_norm.forward(this._conv.forward(x));
  }
}

/** Options of {@link densenet121} and the others. */
export interface DenseNetBuilderOptions extends ClassifierOptions {
  /** Channels between a dense layer's convolutions, in multiples of the growth. @defaultValue 4 */
  readonly bnSize?: number;
  /** Probability with which a new channel's element is dropped. @defaultValue 0 */
  readonly dropout?: number;
}

/** Options of {@link DenseNet}. */
export interface DenseNetOptions extends DenseNetBuilderOptions {
  /** Number of layers: 121, 161, 169, 201 or 264. @defaultValue 121 */
  readonly layers?: number;
}

/** Channels after the first convolution, channels that each dense layer adds, and dense layers in each block. */
type DenseNetConfig = readonly [first: number, growth: number, blocks: readonly [number, number, number, number]];

const configs = new Map<number, DenseNetConfig>([
  [121, [64, 32, [6, 12, 24, 16]]],
  [161, [96, 48, [6, 12, 36, 24]]],
  [169, [64, 32, [6, 12, 32, 32]]],
  [201, [64, 32, [6, 12, 48, 32]]],
  [264, [64, 32, [6, 12, 64, 48]]],
]);

/** DenseNet for images [N, 3, H, W] (Huang et al., "Densely connected convolutional networks", 2016). */
export class DenseNet extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['out'];

  /** First convolution. */
  conv1_func: Layer;
  /** First pool. */
  pool2d_max: Layer;
  /** First dense block. */
  db_conv_2: Layer;
  /** Transition after the first block. */
  tr_conv2_blk: Layer;
  /** Second dense block. */
  db_conv_3: Layer;
  /** Transition after the second block. */
  tr_conv3_blk: Layer;
  /** Third dense block. */
  db_conv_4: Layer;
  /** Transition after the third block. */
  tr_conv4_blk: Layer;
  /** Fourth dense block. */
  db_conv_5: Layer;
  /** Last normalisation, with a ReLU. */
  batch_norm: Layer;
  /** Pool before the classifier, or null. */
  pool2d_avg: Layer | null;
  /** Classifier, or null. */
  out: Layer | null;

  constructor(options: DenseNetOptions = {}) {
    super();
    const { numClasses, withPool } = classifierOptions('DenseNet', options, ['layers', 'bnSize', 'dropout']);
    const bnSize = checkInteger('bnSize', options.bnSize ?? 4, 1);
    const dropout = checkNumber('dropout', options.dropout ?? 0, 0, 1);
    const [first, growth, counts] = choose('layers', options.layers ?? 121, configs);
    let channels = first;
    const block = (stage: 2 | 3 | 4 | 5) => {
      const count = counts[stage - 2] ?? 0;
      const layer = new DenseBlock(`conv${stage}`, channels, count, growth, bnSize, dropout);
      channels += count * growth;
      return layer;
    };
    const transition = () => {
      const layer = new TransitionLayer(channels);
      channels = Math.floor(channels / 2);
      return layer;
    };
    this.conv1_func = new ConvBNLayer(first);
    this.pool2d_max = new MaxPool2D(3, { stride: 2, padding: 1 });
    this.db_conv_2 = block(2);
    this.tr_conv2_blk = transition();
    this.db_conv_3 = block(3);
    this.tr_conv3_blk = transition();
    this.db_conv_4 = block(4);
    this.tr_conv4_blk = transition();
    this.db_conv_5 = block(5);
    this.batch_norm = new BatchNorm(channels, { act: 'relu' });
    this.pool2d_avg = withPool ? new AdaptiveAvgPool2D(1) : null;
    this.out =
      numClasses > 0 ? new Linear(channels, numClasses, { weightAttr: uniformWithin(1 / Math.sqrt(channels)) }) : null;
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (const layer of [
      this.conv1_func,
      this.pool2d_max,
      this.db_conv_2,
      this.tr_conv2_blk,
      this.db_conv_3,
      this.tr_conv3_blk,
      this.db_conv_4,
      this.tr_conv4_blk,
      this.db_conv_5,
      this.batch_norm,
    ]) {
      y = layer.forward(y);
    }
    if (this.pool2d_avg !== null) y = this.pool2d_avg.forward(y);
    return this.out === null ? y : this.out.forward(flatten(y, { startAxis: 1 }));
  }
}

declareRecordable(BNACConvLayer, DenseLayer, DenseBlock, TransitionLayer, ConvBNLayer, DenseNet);

function define(layers: number, md5: string): ModelBuilder<DenseNet, DenseNetBuilderOptions> {
  const weights = imagenetWeights(`DenseNet${layers}`, md5);
  return defineBuilder<DenseNet, DenseNetBuilderOptions>(`densenet${layers}`, {
    options: ['bnSize', 'dropout', 'numClasses', 'withPool'],
    make: (options) => new DenseNet({ ...options, layers }),
    weights: () => weights,
  });
}

/** DenseNet of 121 layers. */
export const densenet121 = define(121, 'db1b239ed80a905290fd8b01d3af08e4');

/** DenseNet of 161 layers. */
export const densenet161 = define(161, '62158869cb315098bd25ddbfd308a853');

/** DenseNet of 169 layers. */
export const densenet169 = define(169, '82cc7c635c3f19098c748850efb2d796');

/** DenseNet of 201 layers. */
export const densenet201 = define(201, '16ca29565a7712329cf9e36e02caaf58');

/** DenseNet of 264 layers. */
export const densenet264 = define(264, '3270ce516b85370bba88cfdd9f60bff4');

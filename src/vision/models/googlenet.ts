import type { Tensor } from '@tensorflow/tfjs-core';
import { Dropout, Linear } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import { relu } from '../../nn/functional/activation.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { AdaptiveAvgPool2D, AvgPool2D, MaxPool2D } from '../../nn/pooling.js';
import { concat, flatten, squeeze } from '../../tensor/manipulation.js';
import { uniformWithin } from './attributes.js';
import { classifierOptions, type ClassifierOptions } from './options.js';
import { defineBuilder, imagenetWeights } from './pretrained.js';

/** A convolution that keeps the size, up to its stride. */
class ConvLayer extends Layer {
  _conv: Conv2D;

  constructor(inputs: number, outputs: number, kernel: number, stride = 1) {
    super();
    this._conv = new Conv2D(inputs, outputs, kernel, { stride, padding: (kernel - 1) / 2, biasAttr: false });
  }

  override forward(x: Tensor): Tensor {
    return this._conv.forward(x);
  }
}

/** Channels of {@link Inception}: of the 1 x 1, 3 x 3 and 5 x 5 paths, with their reductions, and after the pool. */
type InceptionChannels = readonly [
  one: number,
  threeReduced: number,
  three: number,
  fiveReduced: number,
  five: number,
  projection: number,
];

/** Convolutions of three sizes and a pool side by side. */
class Inception extends Layer {
  _conv1: ConvLayer;
  _conv3r: ConvLayer;
  _conv3: ConvLayer;
  _conv5r: ConvLayer;
  _conv5: ConvLayer;
  _pool = new MaxPool2D(3, { stride: 1, padding: 1 });
  _convprj: ConvLayer;

  constructor(inputs: number, [one, threeReduced, three, fiveReduced, five, projection]: InceptionChannels) {
    super();
    this._conv1 = new ConvLayer(inputs, one, 1);
    this._conv3r = new ConvLayer(inputs, threeReduced, 1);
    this._conv3 = new ConvLayer(threeReduced, three, 3);
    this._conv5r = new ConvLayer(inputs, fiveReduced, 1);
    this._conv5 = new ConvLayer(fiveReduced, five, 5);
    this._convprj = new ConvLayer(inputs, projection, 1);
  }

  override forward(x: Tensor): Tensor {
    const paths = [
      this._conv1.forward(x),
      this._conv3.forward(this._conv3r.forward(x)),
      this._conv5.forward(this._conv5r.forward(x)),
      this._convprj.forward(this._pool.forward(x)),
    ];
    return relu(concat(paths, 1));
  }
}

/** First weights of a linear layer. */
const startOf = (inputs: number) => uniformWithin(Math.sqrt(3 / inputs));

const dropout = (p: number) => new Dropout({ p, mode: 'downscale_in_infer' });

/**
 * GoogLeNet for images [N, 3, 224, 224] (Szegedy et al., "Going deeper with convolutions", 2014).
 *
 * It gives three outputs: of the end, of the auxiliary classifier after `_ince4a` and of that after `_ince4d`.
 */
export class GoogLeNet extends Layer<[Tensor], [out: Tensor, out1: Tensor, out2: Tensor]> {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['_fc_out', '_out1', '_out2'];

  /** First convolution. */
  _conv: Layer = new ConvLayer(3, 64, 7, 2);
  /** Pool between the stages. */
  _pool: Layer = new MaxPool2D(3, { stride: 2 });
  /** Second convolution. */
  _conv_1: Layer = new ConvLayer(64, 64, 1);
  /** Third convolution. */
  _conv_2: Layer = new ConvLayer(64, 192, 3);
  /** Inception 3a. */
  _ince3a: Layer = new Inception(192, [64, 96, 128, 16, 32, 32]);
  /** Inception 3b. */
  _ince3b: Layer = new Inception(256, [128, 128, 192, 32, 96, 64]);
  /** Inception 4a. */
  _ince4a: Layer = new Inception(480, [192, 96, 208, 16, 48, 64]);
  /** Inception 4b. */
  _ince4b: Layer = new Inception(512, [160, 112, 224, 24, 64, 64]);
  /** Inception 4c. */
  _ince4c: Layer = new Inception(512, [128, 128, 256, 24, 64, 64]);
  /** Inception 4d. */
  _ince4d: Layer = new Inception(512, [112, 144, 288, 32, 64, 64]);
  /** Inception 4e. */
  _ince4e: Layer = new Inception(528, [256, 160, 320, 32, 128, 128]);
  /** Inception 5a. */
  _ince5a: Layer = new Inception(832, [256, 160, 320, 32, 128, 128]);
  /** Inception 5b. */
  _ince5b: Layer = new Inception(832, [384, 192, 384, 48, 128, 128]);
  /** Pool before the classifier, or null. */
  _pool_5: Layer | null = null;
  /** Pool before the first auxiliary classifier, or null. */
  _pool_o1: Layer | null = null;
  /** Pool before the second auxiliary classifier, or null. */
  _pool_o2: Layer | null = null;
  /** Dropout before the classifier, or null. */
  _drop: Layer | null = null;
  /** Classifier, or null. */
  _fc_out: Layer | null = null;
  /** Convolution of the first auxiliary classifier, or null. */
  _conv_o1: Layer | null = null;
  /** First linear layer of the first auxiliary classifier, or null. */
  _fc_o1: Layer | null = null;
  /** Dropout of the first auxiliary classifier, or null. */
  _drop_o1: Layer | null = null;
  /** Last layer of the first auxiliary classifier, or null. */
  _out1: Layer | null = null;
  /** Convolution of the second auxiliary classifier, or null. */
  _conv_o2: Layer | null = null;
  /** First linear layer of the second auxiliary classifier, or null. */
  _fc_o2: Layer | null = null;
  /** Dropout of the second auxiliary classifier, or null. */
  _drop_o2: Layer | null = null;
  /** Last layer of the second auxiliary classifier, or null. */
  _out2: Layer | null = null;

  constructor(options: ClassifierOptions = {}) {
    super();
    const { numClasses, withPool } = classifierOptions('GoogLeNet', options);
    if (withPool) {
      this._pool_5 = new AdaptiveAvgPool2D(1);
      this._pool_o1 = new AvgPool2D(5, { stride: 3 });
      this._pool_o2 = new AvgPool2D(5, { stride: 3 });
    }
    if (numClasses > 0) {
      this._drop = dropout(0.4);
      this._fc_out = new Linear(1024, numClasses, { weightAttr: startOf(1024) });
      this._conv_o1 = new ConvLayer(512, 128, 1);
      this._fc_o1 = new Linear(1152, 1024, { weightAttr: startOf(2048) });
      this._drop_o1 = dropout(0.7);
      this._out1 = new Linear(1024, numClasses, { weightAttr: startOf(1024) });
      this._conv_o2 = new ConvLayer(528, 128, 1);
      this._fc_o2 = new Linear(1152, 1024, { weightAttr: startOf(2048) });
      this._drop_o2 = dropout(0.7);
      this._out2 = new Linear(1024, numClasses, { weightAttr: startOf(1024) });
    }
  }

  override forward(x: Tensor): [out: Tensor, out1: Tensor, out2: Tensor] {
    let y = this._pool.forward(this._conv.forward(x));
    y = this._pool.forward(this._conv_2.forward(this._conv_1.forward(y)));
    y = this._pool.forward(this._ince3b.forward(this._ince3a.forward(y)));
    const after4a = this._ince4a.forward(y);
    const after4d = this._ince4d.forward(this._ince4c.forward(this._ince4b.forward(after4a)));
    y = this._pool.forward(this._ince4e.forward(after4d));
    y = this._ince5b.forward(this._ince5a.forward(y));
    const { _pool_5, _pool_o1, _pool_o2 } = this;
    const out = _pool_5 ? _pool_5.forward(y) : y;
    const out1 = _pool_o1 ? _pool_o1.forward(after4a) : after4a;
    const out2 = _pool_o2 ? _pool_o2.forward(after4d) : after4d;
    return [this.#main(out), this.#auxiliary1(out1), this.#auxiliary2(out2)];
  }

  #main(x: Tensor): Tensor {
    const { _drop, _fc_out } = this;
    return _drop && _fc_out ? _fc_out.forward(squeeze(_drop.forward(x), [2, 3])) : x;
  }

  #auxiliary1(x: Tensor): Tensor {
    const { _conv_o1, _fc_o1, _drop_o1, _out1 } = this;
    if (!_conv_o1 || !_fc_o1 || !_drop_o1 || !_out1) return x;
    const y = _fc_o1.forward(flatten(_conv_o1.forward(x), { startAxis: 1 }));
    return _out1.forward(_drop_o1.forward(relu(y)));
  }

  // As in Paddle, without a ReLU.
  #auxiliary2(x: Tensor): Tensor {
    const { _conv_o2, _fc_o2, _drop_o2, _out2 } = this;
    if (!_conv_o2 || !_fc_o2 || !_drop_o2 || !_out2) return x;
    const y = _fc_o2.forward(flatten(_conv_o2.forward(x), { startAxis: 1 }));
    return _out2.forward(_drop_o2.forward(y));
  }
}

declareRecordable(ConvLayer, Inception, GoogLeNet);

const weights = imagenetWeights('GoogLeNet', '80c06f038e905c53ab32c40eca6e26ae');

/** GoogLeNet. */
export const googlenet = defineBuilder<GoogLeNet, ClassifierOptions>('googlenet', {
  options: ['numClasses', 'withPool'],
  make: (options) => new GoogLeNet(options),
  weights: () => weights,
});

import type { Tensor } from '@tensorflow/tfjs-core';
import { checkInteger, checkOptions } from '../../common/options.js';
import { ReLU } from '../../nn/activation.js';
import { Dropout, Linear } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import { relu } from '../../nn/functional/activation.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { MaxPool2D } from '../../nn/pooling.js';
import { flatten } from '../../tensor/manipulation.js';
import { uniformWithin } from './attributes.js';
import type { ClassifierOptions } from './options.js';
import { defineBuilder, imagenetWeights } from './pretrained.js';

/** Options of {@link AlexNet}. */
export type AlexNetOptions = Pick<ClassifierOptions, 'numClasses'>;

/** First weights and biases uniform by the number of inputs of each output. */
const byInputs = (inputs: number) => {
  const attr = uniformWithin(1 / Math.sqrt(inputs));
  return { weightAttr: attr, biasAttr: attr };
};

/** A convolution, a ReLU and a pool. */
class ConvPoolLayer extends Layer {
  relu = new ReLU();
  _conv: Conv2D;
  _pool = new MaxPool2D(3, { stride: 2 });

  constructor(inputs: number, outputs: number, kernel: number, stride: number, padding: number) {
    super();
    this._conv = new Conv2D(inputs, outputs, kernel, { stride, padding, ...byInputs(inputs * kernel * kernel) });
  }

  override forward(x: Tensor): Tensor {
    return this._pool.forward(this.relu.forward(this._conv.forward(x)));
  }
}

/**
 * AlexNet for images [N, 3, 224, 224] (Krizhevsky et al., "ImageNet classification with deep convolutional neural
 * networks", 2012).
 */
export class AlexNet extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['_fc8'];

  /** Convolution and pool. */
  _conv1: Layer = new ConvPoolLayer(3, 64, 11, 4, 2);
  /** Convolution and pool. */
  _conv2: Layer = new ConvPoolLayer(64, 192, 5, 1, 2);
  /** Convolution. */
  _conv3 = new Conv2D(192, 384, 3, { padding: 1, ...byInputs(192 * 3 * 3) });
  /** Convolution. */
  _conv4 = new Conv2D(384, 256, 3, { padding: 1, ...byInputs(384 * 3 * 3) });
  /** Convolution and pool. */
  _conv5: Layer = new ConvPoolLayer(256, 256, 3, 1, 1);
  /** Dropout before `_fc6`, or null. */
  _drop1: Layer | null = null;
  /** First layer of the classifier, or null. */
  _fc6: Layer | null = null;
  /** Dropout before `_fc7`, or null. */
  _drop2: Layer | null = null;
  /** Second layer of the classifier, or null. */
  _fc7: Layer | null = null;
  /** Last layer of the classifier, or null. */
  _fc8: Layer | null = null;

  constructor(options: AlexNetOptions = {}) {
    super();
    checkOptions('AlexNet', options, ['numClasses']);
    const numClasses = checkInteger('numClasses', options.numClasses ?? 1000);
    if (numClasses <= 0) return;
    // As in Paddle, all three start as if they had the inputs of the first.
    const attributes = byInputs(256 * 6 * 6);
    this._drop1 = new Dropout({ p: 0.5, mode: 'downscale_in_infer' });
    this._fc6 = new Linear(256 * 6 * 6, 4096, attributes);
    this._drop2 = new Dropout({ p: 0.5, mode: 'downscale_in_infer' });
    this._fc7 = new Linear(4096, 4096, attributes);
    this._fc8 = new Linear(4096, numClasses, attributes);
  }

  override forward(x: Tensor): Tensor {
    let y = this._conv2.forward(this._conv1.forward(x));
    y = relu(this._conv3.forward(y));
    y = relu(this._conv4.forward(y));
    y = this._conv5.forward(y);
    const { _drop1, _fc6, _drop2, _fc7, _fc8 } = this;
    if (!_drop1 || !_fc6 || !_drop2 || !_fc7 || !_fc8) return y;
    y = relu(_fc6.forward(_drop1.forward(flatten(y, { startAxis: 1 }))));
    y = relu(_fc7.forward(_drop2.forward(y)));
    return _fc8.forward(y);
  }
}

declareRecordable(ConvPoolLayer, AlexNet);

const weights = imagenetWeights('AlexNet', '7f0f9f737132e02732d75a1459d98a43');

/** AlexNet. */
export const alexnet = defineBuilder<AlexNet, AlexNetOptions>('alexnet', {
  options: ['numClasses'],
  make: (options) => new AlexNet(options),
  weights: () => weights,
});

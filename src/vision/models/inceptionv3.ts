import type { Tensor } from '@tensorflow/tfjs-core';
import { Dropout, Linear } from '../../nn/common.js';
import type { Size2D } from '../../nn/functional/index.js';
import { LayerList } from '../../nn/layer/containers.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { AdaptiveAvgPool2D, AvgPool2D, MaxPool2D } from '../../nn/pooling.js';
import { concat, reshape } from '../../tensor/manipulation.js';
import { ConvNormActivation } from '../ops/conv-norm-activation.js';
import { uniformWithin } from './attributes.js';
import { classifierOptions, type ClassifierOptions } from './options.js';
import { defineBuilder, hapiWeights } from './pretrained.js';

/** A convolution that keeps the size of the image. */
function same(inputs: number, outputs: number, kernelSize: Size2D): ConvNormActivation {
  if (typeof kernelSize === 'number') return new ConvNormActivation(inputs, outputs, { kernelSize });
  const [height, width] = kernelSize;
  return new ConvNormActivation(inputs, outputs, { kernelSize, padding: [(height - 1) / 2, (width - 1) / 2] });
}

/** A 3 x 3 convolution without padding. */
const valid = (inputs: number, outputs: number, stride = 1) =>
  new ConvNormActivation(inputs, outputs, { padding: 0, stride });

const averages = () => new AvgPool2D(3, { stride: 1, padding: 1, exclusive: false });

/** Runs layers one after the other. */
const chain = (x: Tensor, ...layers: Layer[]) => layers.reduce((y, layer) => layer.forward(y), x);

/** What comes before the blocks. */
class InceptionStem extends Layer {
  conv_1a_3x3 = valid(3, 32, 2);
  conv_2a_3x3 = valid(32, 32);
  conv_2b_3x3 = same(32, 64, 3);
  max_pool = new MaxPool2D(3, { stride: 2 });
  conv_3b_1x1 = same(64, 80, 1);
  conv_4a_3x3 = valid(80, 192);

  override forward(x: Tensor): Tensor {
    const y = chain(x, this.conv_1a_3x3, this.conv_2a_3x3, this.conv_2b_3x3, this.max_pool);
    return chain(y, this.conv_3b_1x1, this.conv_4a_3x3, this.max_pool);
  }
}

/** Paths of one, one 5 x 5 and two 3 x 3 convolutions, and a pool. */
class InceptionA extends Layer {
  branch1x1: Layer;
  branch5x5_1: Layer;
  branch5x5_2 = same(48, 64, 5);
  branch3x3dbl_1: Layer;
  branch3x3dbl_2 = same(64, 96, 3);
  branch3x3dbl_3 = same(96, 96, 3);
  branch_pool = averages();
  branch_pool_conv: Layer;

  constructor(inputs: number, poolFeatures: number) {
    super();
    this.branch1x1 = same(inputs, 64, 1);
    this.branch5x5_1 = same(inputs, 48, 1);
    this.branch3x3dbl_1 = same(inputs, 64, 1);
    this.branch_pool_conv = same(inputs, poolFeatures, 1);
  }

  override forward(x: Tensor): Tensor {
    const paths = [
      this.branch1x1.forward(x),
      chain(x, this.branch5x5_1, this.branch5x5_2),
      chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3),
      chain(x, this.branch_pool, this.branch_pool_conv),
    ];
    return concat(paths, 1);
  }
}

/** As {@link InceptionA}, with half the height and width. */
class InceptionB extends Layer {
  branch3x3: Layer;
  branch3x3dbl_1: Layer;
  branch3x3dbl_2 = same(64, 96, 3);
  branch3x3dbl_3 = valid(96, 96, 2);
  branch_pool = new MaxPool2D(3, { stride: 2 });

  constructor(inputs: number) {
    super();
    this.branch3x3 = valid(inputs, 384, 2);
    this.branch3x3dbl_1 = same(inputs, 64, 1);
  }

  override forward(x: Tensor): Tensor {
    const paths = [
      this.branch3x3.forward(x),
      chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3),
      this.branch_pool.forward(x),
    ];
    return concat(paths, 1);
  }
}

/** Paths of one and of two 7 x 7 convolutions, each split into a row and a column, and a pool. */
class InceptionC extends Layer {
  branch1x1: Layer;
  branch7x7_1: Layer;
  branch7x7_2: Layer;
  branch7x7_3: Layer;
  branch7x7dbl_1: Layer;
  branch7x7dbl_2: Layer;
  branch7x7dbl_3: Layer;
  branch7x7dbl_4: Layer;
  branch7x7dbl_5: Layer;
  branch_pool = averages();
  branch_pool_conv: Layer;

  constructor(inputs: number, channels: number) {
    super();
    this.branch1x1 = same(inputs, 192, 1);
    this.branch7x7_1 = same(inputs, channels, 1);
    this.branch7x7_2 = same(channels, channels, [1, 7]);
    this.branch7x7_3 = same(channels, 192, [7, 1]);
    this.branch7x7dbl_1 = same(inputs, channels, 1);
    this.branch7x7dbl_2 = same(channels, channels, [7, 1]);
    this.branch7x7dbl_3 = same(channels, channels, [1, 7]);
    this.branch7x7dbl_4 = same(channels, channels, [7, 1]);
    this.branch7x7dbl_5 = same(channels, 192, [1, 7]);
    this.branch_pool_conv = same(inputs, 192, 1);
  }

  override forward(x: Tensor): Tensor {
    const { branch7x7dbl_1, branch7x7dbl_2, branch7x7dbl_3, branch7x7dbl_4, branch7x7dbl_5 } = this;
    const paths = [
      this.branch1x1.forward(x),
      chain(x, this.branch7x7_1, this.branch7x7_2, this.branch7x7_3),
      chain(x, branch7x7dbl_1, branch7x7dbl_2, branch7x7dbl_3, branch7x7dbl_4, branch7x7dbl_5),
      chain(x, this.branch_pool, this.branch_pool_conv),
    ];
    return concat(paths, 1);
  }
}

/** A path of a 3 x 3 and one of a split 7 x 7 convolution, with half the height and width. */
class InceptionD extends Layer {
  branch3x3_1: Layer;
  branch3x3_2 = valid(192, 320, 2);
  branch7x7x3_1: Layer;
  branch7x7x3_2 = same(192, 192, [1, 7]);
  branch7x7x3_3 = same(192, 192, [7, 1]);
  branch7x7x3_4 = valid(192, 192, 2);
  branch_pool = new MaxPool2D(3, { stride: 2 });

  constructor(inputs: number) {
    super();
    this.branch3x3_1 = same(inputs, 192, 1);
    this.branch7x7x3_1 = same(inputs, 192, 1);
  }

  override forward(x: Tensor): Tensor {
    const paths = [
      chain(x, this.branch3x3_1, this.branch3x3_2),
      chain(x, this.branch7x7x3_1, this.branch7x7x3_2, this.branch7x7x3_3, this.branch7x7x3_4),
      this.branch_pool.forward(x),
    ];
    return concat(paths, 1);
  }
}

/** Paths whose last 3 x 3 convolution is a row and a column side by side, and a pool. */
class InceptionE extends Layer {
  branch1x1: Layer;
  branch3x3_1: Layer;
  branch3x3_2a = same(384, 384, [1, 3]);
  branch3x3_2b = same(384, 384, [3, 1]);
  branch3x3dbl_1: Layer;
  branch3x3dbl_2 = same(448, 384, 3);
  branch3x3dbl_3a = same(384, 384, [1, 3]);
  branch3x3dbl_3b = same(384, 384, [3, 1]);
  branch_pool = averages();
  branch_pool_conv: Layer;

  constructor(inputs: number) {
    super();
    this.branch1x1 = same(inputs, 320, 1);
    this.branch3x3_1 = same(inputs, 384, 1);
    this.branch3x3dbl_1 = same(inputs, 448, 1);
    this.branch_pool_conv = same(inputs, 192, 1);
  }

  override forward(x: Tensor): Tensor {
    const single = this.branch3x3_1.forward(x);
    const double = chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2);
    const paths = [
      this.branch1x1.forward(x),
      this.branch3x3_2a.forward(single),
      this.branch3x3_2b.forward(single),
      this.branch3x3dbl_3a.forward(double),
      this.branch3x3dbl_3b.forward(double),
      chain(x, this.branch_pool, this.branch_pool_conv),
    ];
    return concat(paths, 1);
  }
}

/**
 * Inception v3 for images [N, 3, 299, 299] (Szegedy et al., "Rethinking the Inception architecture for computer vision",
 * 2015), without the auxiliary classifier.
 */
export class InceptionV3 extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['fc'];

  /** Convolutions before the blocks. */
  inception_stem: Layer = new InceptionStem();
  /** Blocks. */
  inception_block_list = new LayerList([
    new InceptionA(192, 32),
    new InceptionA(256, 64),
    new InceptionA(288, 64),
    new InceptionB(288),
    new InceptionC(768, 128),
    new InceptionC(768, 160),
    new InceptionC(768, 160),
    new InceptionC(768, 192),
    new InceptionD(768),
    new InceptionE(1280),
    new InceptionE(2048),
  ]);
  /** Pool before the classifier, or null. */
  avg_pool: Layer | null;
  /** Dropout before the classifier, or null. */
  dropout: Layer | null = null;
  /** Classifier, or null. */
  fc: Layer | null = null;

  constructor(options: ClassifierOptions = {}) {
    super();
    const { numClasses, withPool } = classifierOptions('InceptionV3', options);
    this.avg_pool = withPool ? new AdaptiveAvgPool2D(1) : null;
    if (numClasses > 0) {
      this.dropout = new Dropout({ p: 0.2, mode: 'downscale_in_infer' });
      this.fc = new Linear(2048, numClasses, { weightAttr: uniformWithin(1 / Math.sqrt(2048)) });
    }
  }

  override forward(x: Tensor): Tensor {
    let y = this.inception_stem.forward(x);
    for (const block of this.inception_block_list) y = block.forward(y) as Tensor;
    if (this.avg_pool !== null) y = this.avg_pool.forward(y);
    const { dropout, fc } = this;
    return dropout && fc ? fc.forward(dropout.forward(reshape(y, [-1, 2048]))) : y;
  }
}

declareRecordable(InceptionStem, InceptionA, InceptionB, InceptionC, InceptionD, InceptionE, InceptionV3);

const weights = hapiWeights('inception_v3', '649a4547c3243e8b59c656f41fe330b8');

/** Inception v3. */
export const inception_v3 = defineBuilder<InceptionV3, ClassifierOptions>('inception_v3', {
  options: ['numClasses', 'withPool'],
  make: (options) => new InceptionV3(options),
  weights: () => weights,
});

import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkInteger, checkOptions } from '../../common/options.js';
import { ReLU } from '../../nn/activation.js';
import { Linear } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import type { Size2D } from '../../nn/functional/index.js';
import { Sequential } from '../../nn/layer/containers.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { BatchNorm2D } from '../../nn/norm.js';
import { AdaptiveAvgPool2D, MaxPool2D } from '../../nn/pooling.js';
import { flatten } from '../../tensor/manipulation.js';
import { add } from '../../tensor/math.js';
import { choose, classifierOptions, type ClassifierOptions } from './options.js';
import { defineBuilder, hapiWeights, type ModelBuilder } from './pretrained.js';

/** Options of {@link BasicBlock} and {@link BottleneckBlock}. */
export interface ResidualBlockOptions {
  /** Steps in height and width. @defaultValue 1 */
  readonly stride?: Size2D;
  /** Brings the input to the shape of the output. @defaultValue none */
  readonly downsample?: Layer | null;
  /** Groups of the 3 x 3 convolution of a bottleneck. @defaultValue 1 */
  readonly groups?: number;
  /** Channels of each group of a bottleneck, for 64 planes. @defaultValue 64 */
  readonly baseWidth?: number;
  /** Distance between taps of the 3 x 3 convolution of a bottleneck. @defaultValue 1 */
  readonly dilation?: number;
  /** Makes the normalisation of that many channels. @defaultValue BatchNorm2D */
  readonly normLayer?: (channels: number) => Layer;
}

/** A class of blocks that {@link ResNet} is made of. */
export interface ResidualBlock {
  /** Output channels for each plane. */
  readonly expansion: number;
  new (inplanes: number, planes: number, options?: ResidualBlockOptions): Layer;
}

const blockOptionNames = ['stride', 'downsample', 'groups', 'baseWidth', 'dilation', 'normLayer'];

const batchNorm = (channels: number) => new BatchNorm2D(channels);

/** Two 3 x 3 convolutions and what leads around them. */
export class BasicBlock extends Layer {
  /** Output channels for each plane. */
  static readonly expansion = 1;

  /** First convolution, which takes the steps. */
  conv1: Conv2D;
  /** First normalisation. */
  bn1: Layer;
  /** Activation. */
  relu = new ReLU();
  /** Second convolution. */
  conv2: Conv2D;
  /** Second normalisation. */
  bn2: Layer;
  /** What leads around the convolutions, or null for the input itself. */
  downsample: Layer | null;

  /**
   * @param inplanes - channels of the input
   * @param planes - channels of the output
   */
  constructor(inplanes: number, planes: number, options: ResidualBlockOptions = {}) {
    super();
    checkOptions('BasicBlock', options, blockOptionNames);
    const { stride = 1, downsample = null, dilation = 1, normLayer = batchNorm } = options;
    if (dilation !== 1) throw new InvalidArgumentError(`dilation of BasicBlock must be 1, got ${dilation}`);
    this.conv1 = new Conv2D(inplanes, planes, 3, { padding: 1, stride, biasAttr: false });
    this.bn1 = normLayer(planes);
    this.conv2 = new Conv2D(planes, planes, 3, { padding: 1, biasAttr: false });
    this.bn2 = normLayer(planes);
    this.downsample = downsample;
  }

  override forward(x: Tensor): Tensor {
    const first = this.relu.forward(this.bn1.forward(this.conv1.forward(x)));
    const second = this.bn2.forward(this.conv2.forward(first));
    return this.relu.forward(add(second, this.downsample === null ? x : this.downsample.forward(x)));
  }
}

/** A 3 x 3 convolution between two 1 x 1 convolutions, and what leads around them. */
export class BottleneckBlock extends Layer {
  /** Output channels for each plane. */
  static readonly expansion = 4;

  /** Convolution that narrows. */
  conv1: Conv2D;
  /** First normalisation. */
  bn1: Layer;
  /** Convolution in the narrow part, which takes the steps. */
  conv2: Conv2D;
  /** Second normalisation. */
  bn2: Layer;
  /** Convolution that widens. */
  conv3: Conv2D;
  /** Third normalisation. */
  bn3: Layer;
  /** Activation. */
  relu = new ReLU();
  /** What leads around the convolutions, or null for the input itself. */
  downsample: Layer | null;

  /**
   * @param inplanes - channels of the input
   * @param planes - a quarter of the channels of the output
   */
  constructor(inplanes: number, planes: number, options: ResidualBlockOptions = {}) {
    super();
    checkOptions('BottleneckBlock', options, blockOptionNames);
    const { stride = 1, downsample = null, groups = 1, baseWidth = 64, dilation = 1, normLayer = batchNorm } = options;
    const width = Math.trunc(planes * (baseWidth / 64)) * groups;
    const outplanes = planes * BottleneckBlock.expansion;
    this.conv1 = new Conv2D(inplanes, width, 1, { biasAttr: false });
    this.bn1 = normLayer(width);
    this.conv2 = new Conv2D(width, width, 3, { padding: dilation, stride, groups, dilation, biasAttr: false });
    this.bn2 = normLayer(width);
    this.conv3 = new Conv2D(width, outplanes, 1, { biasAttr: false });
    this.bn3 = normLayer(outplanes);
    this.downsample = downsample;
  }

  override forward(x: Tensor): Tensor {
    const first = this.relu.forward(this.bn1.forward(this.conv1.forward(x)));
    const second = this.relu.forward(this.bn2.forward(this.conv2.forward(first)));
    const third = this.bn3.forward(this.conv3.forward(second));
    return this.relu.forward(add(third, this.downsample === null ? x : this.downsample.forward(x)));
  }
}

/** Options of {@link ResNet}. */
export interface ResNetOptions extends ClassifierOptions {
  /** Number of layers: 18, 34, 50, 101 or 152. @defaultValue 50 */
  readonly depth?: number;
  /** Channels of each group of a bottleneck's 3 x 3 convolution, for 64 planes. @defaultValue 64 */
  readonly width?: number;
  /** Groups of a bottleneck's 3 x 3 convolution. @defaultValue 1 */
  readonly groups?: number;
}

/** Blocks in each of the four stages, by depth. */
const stagesByDepth = new Map<number, readonly [number, number, number, number]>([
  [18, [2, 2, 2, 2]],
  [34, [3, 4, 6, 3]],
  [50, [3, 4, 6, 3]],
  [101, [3, 4, 23, 3]],
  [152, [3, 8, 36, 3]],
]);

/**
 * Residual network for images [N, 3, H, W] (He et al., "Deep residual learning for image recognition", 2015), with groups
 * (ResNeXt: Xie et al., "Aggregated residual transformations for deep neural networks", 2016) or wide bottlenecks (Zagoruyko
 * and Komodakis, "Wide residual networks", 2016).
 *
 * @example
 * ```ts
 * new ResNet(BottleneckBlock, { depth: 50, width: 4, groups: 32 }); // as resnext50_32x4d
 * ```
 */
export class ResNet extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['fc'];

  /** First convolution. */
  conv1: Conv2D;
  /** Its normalisation. */
  bn1: BatchNorm2D;
  /** Activation. */
  relu = new ReLU();
  /** First pool. */
  maxpool: MaxPool2D;
  /** First stage. */
  layer1: Sequential;
  /** Second stage. */
  layer2: Sequential;
  /** Third stage. */
  layer3: Sequential;
  /** Fourth stage. */
  layer4: Sequential;
  /** Pool before the classifier, or null. */
  avgpool: Layer | null;
  /** Classifier, or null. */
  fc: Layer | null;

  /** @param block - `BasicBlock` for the depths 18 and 34, `BottleneckBlock` for the others */
  constructor(block: ResidualBlock, options: ResNetOptions = {}) {
    super();
    const { numClasses, withPool } = classifierOptions('ResNet', options, ['depth', 'width', 'groups']);
    const width = checkInteger('width', options.width ?? 64, 1);
    const groups = checkInteger('groups', options.groups ?? 1, 1);
    const [blocks1, blocks2, blocks3, blocks4] = choose('depth', options.depth ?? 50, stagesByDepth);
    const stage = (inplanes: number, planes: number, blocks: number, stride: number) => {
      const outplanes = planes * block.expansion;
      const downsample =
        stride === 1 && inplanes === outplanes
          ? null
          : new Sequential(new Conv2D(inplanes, outplanes, 1, { stride, biasAttr: false }), new BatchNorm2D(outplanes));
      const layers = [new block(inplanes, planes, { stride, downsample, groups, baseWidth: width })];
      while (layers.length < blocks) layers.push(new block(outplanes, planes, { groups, baseWidth: width }));
      return new Sequential(...layers);
    };
    this.conv1 = new Conv2D(3, 64, 7, { stride: 2, padding: 3, biasAttr: false });
    this.bn1 = new BatchNorm2D(64);
    this.maxpool = new MaxPool2D(3, { stride: 2, padding: 1 });
    this.layer1 = stage(64, 64, blocks1, 1);
    this.layer2 = stage(64 * block.expansion, 128, blocks2, 2);
    this.layer3 = stage(128 * block.expansion, 256, blocks3, 2);
    this.layer4 = stage(256 * block.expansion, 512, blocks4, 2);
    this.avgpool = withPool ? new AdaptiveAvgPool2D([1, 1]) : null;
    this.fc = numClasses > 0 ? new Linear(512 * block.expansion, numClasses) : null;
  }

  override forward(x: Tensor): Tensor {
    let y = this.maxpool.forward(this.relu.forward(this.bn1.forward(this.conv1.forward(x))));
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) y = stage.forward(y);
    if (this.avgpool !== null) y = this.avgpool.forward(y);
    return this.fc === null ? y : this.fc.forward(flatten(y, { startAxis: 1 }));
  }
}

declareRecordable(BasicBlock, BottleneckBlock, ResNet);

/** A ResNet builder; what `fixed` holds is no option of it. */
function define<Options extends ClassifierOptions = ClassifierOptions>(
  name: string,
  block: ResidualBlock,
  fixed: ResNetOptions,
  md5: string,
): ModelBuilder<ResNet, Options> {
  const weights = hapiWeights(name, md5);
  return defineBuilder<ResNet, Options>(name, {
    options: ['numClasses', 'withPool', 'width', 'groups'].filter((option) => !(option in fixed)),
    make: (options) => new ResNet(block, { ...options, ...fixed }),
    weights: () => weights,
  });
}

/** Options of {@link resnet50} and the other plain ones. */
export type ResNetBuilderOptions = Omit<ResNetOptions, 'depth'>;

/** Options of {@link wide_resnet50_2} and {@link wide_resnet101_2}. */
export type WideResNetBuilderOptions = Omit<ResNetOptions, 'depth' | 'width'>;

/** ResNet of 18 layers. */
export const resnet18 = define<ResNetBuilderOptions>(
  'resnet18',
  BasicBlock,
  { depth: 18 },
  'cf548f46534aa3560945be4b95cd11c4',
);

/** ResNet of 34 layers. */
export const resnet34 = define<ResNetBuilderOptions>(
  'resnet34',
  BasicBlock,
  { depth: 34 },
  '8d2275cf8706028345f78ac0e1d31969',
);

/** ResNet of 50 layers. */
export const resnet50 = define<ResNetBuilderOptions>(
  'resnet50',
  BottleneckBlock,
  { depth: 50 },
  'ca6f485ee1ab0492d38f323885b0ad80',
);

/** ResNet of 101 layers. */
export const resnet101 = define<ResNetBuilderOptions>(
  'resnet101',
  BottleneckBlock,
  { depth: 101 },
  '02f35f034ca3858e1e54d4036443c92d',
);

/** ResNet of 152 layers. */
export const resnet152 = define<ResNetBuilderOptions>(
  'resnet152',
  BottleneckBlock,
  { depth: 152 },
  '7ad16a2f1e7333859ff986138630fd7a',
);

/** ResNeXt of 50 layers, 32 groups of 4 channels. */
export const resnext50_32x4d = define(
  'resnext50_32x4d',
  BottleneckBlock,
  { depth: 50, width: 4, groups: 32 },
  'dc47483169be7d6f018fcbb7baf8775d',
);

/** ResNeXt of 50 layers, 64 groups of 4 channels. */
export const resnext50_64x4d = define(
  'resnext50_64x4d',
  BottleneckBlock,
  { depth: 50, width: 4, groups: 64 },
  '063d4b483e12b06388529450ad7576db',
);

/** ResNeXt of 101 layers, 32 groups of 4 channels. */
export const resnext101_32x4d = define(
  'resnext101_32x4d',
  BottleneckBlock,
  { depth: 101, width: 4, groups: 32 },
  '967b090039f9de2c8d06fe994fb9095f',
);

/** ResNeXt of 101 layers, 64 groups of 4 channels. */
export const resnext101_64x4d = define(
  'resnext101_64x4d',
  BottleneckBlock,
  { depth: 101, width: 4, groups: 64 },
  '98e04e7ca616a066699230d769d03008',
);

/** ResNeXt of 152 layers, 32 groups of 4 channels. */
export const resnext152_32x4d = define(
  'resnext152_32x4d',
  BottleneckBlock,
  { depth: 152, width: 4, groups: 32 },
  '18ff0beee21f2efc99c4b31786107121',
);

/** ResNeXt of 152 layers, 64 groups of 4 channels. */
export const resnext152_64x4d = define(
  'resnext152_64x4d',
  BottleneckBlock,
  { depth: 152, width: 4, groups: 64 },
  '77c4af00ca42c405fa7f841841959379',
);

/** ResNet of 50 layers with bottlenecks of twice the width. */
export const wide_resnet50_2 = define<WideResNetBuilderOptions>(
  'wide_resnet50_2',
  BottleneckBlock,
  { depth: 50, width: 128 },
  '0282f804d73debdab289bd9fea3fa6dc',
);

/** ResNet of 101 layers with bottlenecks of twice the width. */
export const wide_resnet101_2 = define<WideResNetBuilderOptions>(
  'wide_resnet101_2',
  BottleneckBlock,
  { depth: 101, width: 128 },
  'd4360a2d23657f059216f5d5a1a9ac93',
);

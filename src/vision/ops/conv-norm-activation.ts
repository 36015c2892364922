import { InvalidArgumentError } from '../../common/errors.js';
import { checkOptions, describeValue } from '../../common/options.js';
import { ReLU } from '../../nn/activation.js';
import { Conv2D } from '../../nn/conv.js';
import type { Padding2D, Size2D } from '../../nn/functional/index.js';
import { Sequential } from '../../nn/layer/containers.js';
import type { Layer } from '../../nn/layer/layer.js';
import { BatchNorm2D } from '../../nn/norm.js';

/** Options of {@link ConvNormActivation}. */
export interface ConvNormActivationOptions {
  /** Height and width of the filters. @defaultValue 3 */
  readonly kernelSize?: Size2D;
  /** Steps in height and width. @defaultValue 1 */
  readonly stride?: Size2D;
  /** Rows and columns around the image. @defaultValue what keeps the size of the image, for a square kernel */
  readonly padding?: Padding2D | null;
  /** Number of groups that the channels fall into. @defaultValue 1 */
  readonly groups?: number;
  /** Makes the normalisation of that many channels; null for none. @defaultValue BatchNorm2D */
  readonly normLayer?: ((channels: number) => Layer) | null;
  /** Makes the activation; null for none. @defaultValue ReLU */
  readonly activationLayer?: (() => Layer) | null;
  /** Distance between taps. @defaultValue 1 */
  readonly dilation?: number;
  /** Whether the convolution has a bias. @defaultValue only without a normalisation */
  readonly bias?: boolean | null;
}

/** The padding that keeps the size of an image under a square kernel. */
function keepingPadding(kernelSize: Size2D, dilation: number): number {
  if (typeof kernelSize === 'number') return Math.floor((kernelSize - 1) / 2) * dilation;
  throw new InvalidArgumentError(
    `padding of ConvNormActivation must be given for a kernelSize that is no integer, got ${describeValue(kernelSize)}`,
  );
}

/** A convolution, a normalisation and an activation. */
export class ConvNormActivation extends Sequential {
  /**
   * @param inChannels - channels of the input
   * @param outChannels - channels of the output
   */
  constructor(inChannels: number, outChannels: number, options: ConvNormActivationOptions = {}) {
    checkOptions('ConvNormActivation', options, [
      'kernelSize',
      'stride',
      'padding',
      'groups',
      'normLayer',
      'activationLayer',
      'dilation',
      'bias',
    ]);
    const { kernelSize = 3, stride = 1, groups = 1, dilation = 1 } = options;
    const { normLayer = (channels) => new BatchNorm2D(channels), activationLayer = () => new ReLU() } = options;
    const padding = options.padding ?? keepingPadding(kernelSize, dilation);
    const biasAttr = options.bias ?? normLayer === null;
    const layers: Layer[] = [
      new Conv2D(inChannels, outChannels, kernelSize, { stride, padding, dilation, groups, biasAttr }),
    ];
    if (normLayer !== null) layers.push(normLayer(outChannels));
    if (activationLayer !== null) layers.push(activationLayer());
    super(...layers);
  }
}

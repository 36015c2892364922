import type { Tensor } from '@tensorflow/tfjs-core';
import { checkInteger, checkOptions } from '../../common/options.js';
import { ReLU } from '../../nn/activation.js';
import { Linear } from '../../nn/common.js';
import { Conv2D } from '../../nn/conv.js';
import { Layer } from '../../nn/layer/layer.js';
import { declareRecordable } from '../../nn/layer/recordable.js';
import { Sequential } from '../../nn/layer/containers.js';
import { MaxPool2D } from '../../nn/pooling.js';
import { flatten } from '../../tensor/manipulation.js';

/** Options of {@link LeNet}. */
export interface LeNetOptions {
  /** Length of the output; 0 or less leaves the classifier out. @defaultValue 10 */
  readonly numClasses?: number;
}

/**
 * LeNet for images [N, 1, 28, 28] (LeCun et al., "Gradient-based learning applied to document recognition", 1998), as
 * Paddle has it.
 */
export class LeNet extends Layer {
  /** Paths of the layers that `replaceHead` replaces. */
  static readonly heads = ['fc.2'];

  /** Convolutions and pools. */
  features: Sequential;
  /** Classifier. */
  fc: Sequential | null = null;

  constructor(options: LeNetOptions = {}) {
    super();
    checkOptions('LeNet', options, ['numClasses']);
    const numClasses = checkInteger('numClasses', options.numClasses ?? 10);
    this.features = new Sequential(
      new Conv2D(1, 6, 3, { stride: 1, padding: 1 }),
      new ReLU(),
      new MaxPool2D(2, 2),
      new Conv2D(6, 16, 5, { stride: 1, padding: 0 }),
      new ReLU(),
      new MaxPool2D(2, 2),
    );
    if (numClasses > 0) {
      this.fc = new Sequential(new Linear(400, 120), new Linear(120, 84), new Linear(84, numClasses));
    }
  }

  override forward(x: Tensor): Tensor {
    const features = this.features.forward(x);
    return this.fc === null ? features : this.fc.forward(flatten(features, { startAxis: 1 }));
  }
}

declareRecordable(LeNet);

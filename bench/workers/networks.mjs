// The networks that are measured, and batches for them.
import { Model, NdArray, seed } from 'paddlewheel';
import { CrossEntropyLoss } from 'paddlewheel/nn';
import { Momentum } from 'paddlewheel/optimizer';
import { L2Decay } from 'paddlewheel/regularizer';
import * as models from 'paddlewheel/vision/models';

const makers = {
  lenet: () => new models.LeNet(),
  resnet50: () => models.resnet50({ numClasses: 10 }),
  vgg16: () => models.vgg16({ numClasses: 10 }),
  mobilenet_v2: () => models.mobilenet_v2({ numClasses: 10 }),
  densenet121: () => models.densenet121({ numClasses: 10 }),
};

/** A network of random weights in a prepared model. */
export function makeModel(name) {
  seed(1);
  const model = new Model(makers[name]());
  const optimizer = new Momentum({ learningRate: 0.001, momentum: 0.9, weightDecay: new L2Decay(1e-4) });
  return model.prepare(optimizer, new CrossEntropyLoss());
}

/** Images and labels of ten classes; what the images hold is of no matter. */
export function makeBatch(name, batch) {
  const shape = name === 'lenet' ? [batch, 1, 28, 28] : [batch, 3, 32, 32];
  const size = shape.reduce((product, length) => product * length, 1);
  const images = Float32Array.from({ length: size }, (_, index) => Math.sin(index * 12.9898) * 1.5);
  const labels = Int32Array.from({ length: batch }, (_, index) => index % 10);
  return [new NdArray(images, shape), new NdArray(labels, [batch, 1])];
}

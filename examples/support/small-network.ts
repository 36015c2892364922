import { AdaptiveAvgPool2D, BatchNorm2D, Conv2D, Flatten, Linear, MaxPool2D, ReLU, Sequential } from 'paddlewheel/nn';
import { Compose, Normalize, Resize, ToTensor } from 'paddlewheel/vision/transforms';

/** A small network for coloured images of any size. */
export function smallNetwork(numClasses: number): Sequential {
  return new Sequential(
    new Conv2D(3, 16, 3, { padding: 1 }),
    new BatchNorm2D(16),
    new ReLU(),
    new MaxPool2D(2, 2),
    new Conv2D(16, 32, 3, { padding: 1 }),
    new BatchNorm2D(32),
    new ReLU(),
    new MaxPool2D(2, 2),
    new Conv2D(32, 64, 3, { padding: 1 }),
    new BatchNorm2D(64),
    new ReLU(),
    new AdaptiveAvgPool2D(1),
    new Flatten(),
    new Linear(64, numClasses),
  );
}

/** Makes the network's input of an image. */
export const smallInput = new Compose([new Resize([32, 32]), new ToTensor(), new Normalize({ mean: 0.5, std: 0.5 })]);

// An epoch of LeNet on MNIST through `fit`, and the accuracy that it reaches.
import { Model, seed } from 'paddlewheel';
import { Accuracy } from 'paddlewheel/metric';
import { CrossEntropyLoss } from 'paddlewheel/nn';
import { Adam } from 'paddlewheel/optimizer';
import { MNIST } from 'paddlewheel/vision/datasets';
import { LeNet } from 'paddlewheel/vision/models';
import { ToTensor } from 'paddlewheel/vision/transforms';

export async function run() {
  seed(1);
  const [train, test] = ['train', 'test'].map((mode) => new MNIST({ mode, transform: new ToTensor() }));
  await Promise.all([train.prepare(), test.prepare()]);
  const model = new Model(new LeNet()).prepare(
    new Adam({ learningRate: 0.001 }),
    new CrossEntropyLoss(),
    new Accuracy(),
  );
  const start = performance.now();
  await model.fit(train, null, { epochs: 1, batchSize: 64, verbose: 0 });
  const trained = performance.now();
  const { acc } = await model.evaluate(test, { batchSize: 64, verbose: 0 });
  return { seconds: (trained - start) / 1000, evaluateSeconds: (performance.now() - trained) / 1000, accuracy: acc };
}

import '../support/setup.js';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  batchNormInference,
  batchNormTraining,
  convolution2d,
  linearMap,
  maxPool2d,
  maxPool2dWithIndices,
  selectDefaultBackend,
  selectEngine,
  softmaxCrossEntropy,
  type EngineName,
} from '../../src/engine/index.js';
import { assertValues, input } from '../kernels/reference.js';

const image = (tensor: Tensor | undefined) => tensor as Tensor4D;
const vector = (tensor: Tensor | undefined) => tensor as Tensor1D;

interface Operation {
  readonly shapes: readonly (readonly number[])[];
  /** The result that is differentiated. */
  readonly run: (...inputs: Tensor[]) => Tensor;
  /** Further results. */
  readonly others?: (...inputs: Tensor[]) => Tensor[];
  /** Ends of the range of the inputs. */
  readonly low?: number;
}

const windows = { kernel: [3, 2], strides: [2, 1], padding: [1, 0, 0, 1] } as const;
const geometry = { strides: [2, 1], padding: [1, 2, 0, 1], dilations: [1, 2], groups: 2 } as const;
const labels = [3, -100, 0, 4];

const operations: Record<string, Operation> = {
  convolution2d: {
    shapes: [
      [2, 8, 7, 4],
      [3, 2, 2, 6],
    ],
    run: (x, filter) => convolution2d(image(x), image(filter), geometry),
  },
  maxPool2d: {
    shapes: [[2, 7, 6, 3]],
    run: (x) => maxPool2d(image(x), windows),
    others: (x) => maxPool2dWithIndices(image(x), windows),
  },
  'avgPool2d with exclusive': {
    shapes: [[2, 7, 6, 3]],
    run: (x) => avgPool2d(image(x), { ...windows, exclusive: true }),
  },
  'avgPool2d without exclusive': {
    shapes: [[2, 7, 6, 3]],
    run: (x) => avgPool2d(image(x), { ...windows, exclusive: false }),
  },
  'avgPool2d with divisor': {
    shapes: [[2, 7, 6, 3]],
    run: (x) => avgPool2d(image(x), { ...windows, exclusive: true, divisor: 5 }),
  },
  adaptiveAvgPool2d: { shapes: [[2, 7, 5, 3]], run: (x) => adaptiveAvgPool2d(image(x), [3, 2]) },
  adaptiveMaxPool2d: { shapes: [[2, 7, 5, 3]], run: (x) => adaptiveMaxPool2d(image(x), [3, 2]) },
  batchNormTraining: {
    shapes: [[3, 4, 5, 6], [6], [6]],
    run: (x, scale, shift) => batchNormTraining(image(x), vector(scale), vector(shift), { epsilon: 1e-5 })[0],
    others: (x, scale, shift) => batchNormTraining(image(x), vector(scale), vector(shift), { epsilon: 1e-5 }),
  },
  batchNormInference: {
    shapes: [[3, 4, 5, 6], [6], [6], [6], [6]],
    run: (x, mean, variance, scale, shift) =>
      batchNormInference(image(x), vector(mean), vector(variance), vector(scale), vector(shift), { epsilon: 1e-5 }),
    low: 0.5,
  },
  linearMap: {
    shapes: [[5, 7], [7, 3], [3]],
    run: (x, weight, bias) => linearMap(x as Tensor2D, weight as Tensor2D, vector(bias)),
  },
  'linearMap without bias': {
    shapes: [
      [5, 7],
      [7, 3],
    ],
    run: (x, weight) => linearMap(x as Tensor2D, weight as Tensor2D),
  },
  softmaxCrossEntropy: {
    shapes: [[4, 5]],
    run: (logits) => softmaxCrossEntropy(logits as Tensor2D, tf.tensor1d(labels, 'int32'), -100),
  },
};

interface Result {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** The results of an operation and its gradients on an engine. */
function resultsOn(engine: EngineName, { shapes, run, others, low = -1 }: Operation): Result[] {
  selectEngine(engine);
  return tf.tidy(() => {
    const inputs = shapes.map((shape, index) => input(`input ${index}`, shape, low, 2).tensor);
    const y = run(...inputs);
    const dy = input('dy', y.shape).tensor;
    const tensors = [y, ...(others?.(...inputs) ?? []), ...tf.grads(run)(inputs, dy)];
    return tensors.map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync<'float32'>() }));
  });
}

describe('operations on a backend without the kernels', () => {
  afterEach(() => selectDefaultBackend());

  for (const [name, operation] of Object.entries(operations)) {
    it(`${name} has the results and gradients of the kernels`, () => {
      const expected = resultsOn('wasm', operation);
      resultsOn('js', operation).forEach(({ shape, values }, index) => {
        const wanted = expected[index]!;
        assertValues(tf.tensor(values, shape), wanted.shape, wanted.values, `result ${index}`);
      });
    });
  }
});

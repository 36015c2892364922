import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { batchNormTraining, selectEngine, type EngineName } from '../../../src/engine/index.js';
import { avgPool2d, conv2d, maxPool2d } from '../../../src/nn/functional/index.js';
import { describeEngines } from '../../support/engines.js';
import { assertNear, between, numbers, samples, tensorOf } from '../../support/properties.js';

/**
 * Random small networks in Paddle's order of axes [N, C, H, W], forward and backward, on an engine and on TensorFlow.js's
 * own backend: what a single operation's test cannot see is how layers hand tensors to each other.
 */
interface Shape {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** One layer: what it does to a tensor, given its weights and the input of the layer before. */
interface Layer {
  readonly name: string;
  readonly weights: readonly (readonly number[])[];
  readonly out: Shape;
  readonly run: (x: Tensor, weights: readonly Tensor[], before: Tensor) => Tensor;
}

interface Draw {
  readonly kind: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly padding: readonly [number, number, number, number];
  readonly groups: number;
}

const draws: fc.Arbitrary<Draw> = fc.record({
  kind: fc.nat(100),
  outputs: between(1, 4),
  kernel: fc.tuple(between(1, 3), between(1, 3)),
  stride: between(1, 2),
  padding: fc.tuple(between(0, 1), between(0, 1), between(0, 1), between(0, 1)),
  groups: between(1, 2),
});

function convolutionLayer(x: Shape, { outputs, kernel, stride, padding, groups }: Draw): Layer | undefined {
  const count = x.channels % groups === 0 ? groups : 1;
  const height = Math.floor((x.height + padding[0] + padding[1] - kernel[0]) / stride) + 1;
  const width = Math.floor((x.width + padding[2] + padding[3] - kernel[1]) / stride) + 1;
  if (height < 1 || width < 1) return undefined;
  const channels = outputs * count;
  return {
    name: 'convolution',
    weights: [[channels, x.channels / count, ...kernel], [channels]],
    out: { ...x, channels, height, width },
    run: (image, [weight, bias]) => conv2d(image, weight!, { bias: bias!, stride, padding, groups: count }),
  };
}

function poolingLayer(x: Shape, kind: 'max' | 'average'): Layer | undefined {
  if (x.height < 2 || x.width < 2) return undefined;
  const pool = kind === 'max' ? maxPool2d : avgPool2d;
  return {
    name: `${kind} pooling`,
    weights: [],
    out: { ...x, height: Math.floor((x.height - 2) / 2) + 1, width: Math.floor((x.width - 2) / 2) + 1 },
    run: (image) => pool(image, 2, { stride: 2 }),
  };
}

/** Layers that keep the shape, or all but the number of channels. */
function simpleLayers(x: Shape): Layer[] {
  const plain = (name: string, run: Layer['run'], out = x): Layer => ({ name, weights: [], out, run });
  const half = Math.ceil(x.channels / 2);
  return [
    plain('relu', (image) => tf.relu(image)),
    plain('residual', (image, _, before) =>
      tf.util.arraysEqual(image.shape, before.shape) ? tf.add(image, before) : image,
    ),
    plain('concat', (image) => tf.concat([image, tf.neg(image)], 1), { ...x, channels: 2 * x.channels }),
    plain('half of the channels', (image) => tf.slice(image, [0, 0, 0, 0], [-1, half, -1, -1]), {
      ...x,
      channels: half,
    }),
    plain('turned images', (image) => tf.transpose(image, [0, 1, 3, 2]), { ...x, height: x.width, width: x.height }),
    plain('shuffled channels', (image) => {
      const [batch, channels, height, width] = image.shape as [number, number, number, number];
      if (channels % 2 !== 0) return image;
      const grouped = tf.reshape(image, [batch, 2, channels / 2, height, width]);
      return tf.reshape(tf.transpose(grouped, [0, 2, 1, 3, 4]), [batch, channels, height, width]);
    }),
    plain('minus the mean of the other images', (image) => tf.sub(tf.mul(image, x.batch), tf.sum(image, 0, true))),
    {
      name: 'scale of each channel',
      weights: [[1, x.channels, 1, 1]],
      out: x,
      run: (image, [factor]) => tf.mul(image, factor!),
    },
  ];
}

/** Layers whose results are exact for small integers. */
function exactLayer(x: Shape, draw: Draw): Layer | undefined {
  const kind = draw.kind % 14;
  if (kind < 5) return convolutionLayer(x, draw);
  if (kind === 5) return poolingLayer(x, 'max');
  return simpleLayers(x)[kind - 6];
}

/** Layers that are smooth, so that rounding cannot send a gradient another way. */
function smoothLayer(x: Shape, draw: Draw): Layer | undefined {
  const kind = draw.kind % 11;
  const plain = (name: string, run: Layer['run']): Layer => ({ name, weights: [], out: x, run });
  if (kind < 4) return convolutionLayer(x, draw);
  if (kind === 4) return poolingLayer(x, 'average');
  if (kind === 5) return plain('sigmoid', (image) => tf.sigmoid(image));
  if (kind === 6) return plain('tanh', (image) => tf.tanh(image));
  if (kind < 9) {
    return {
      name: 'batch normalisation',
      weights: [[x.channels], [x.channels]],
      out: x,
      run: (image, [scale, shift]) => {
        const last = tf.transpose(image, [0, 2, 3, 1]);
        const [y] = batchNormTraining(last, scale as tf.Tensor1D, shift as tf.Tensor1D, { epsilon: 0.1 });
        return tf.transpose(y, [0, 3, 1, 2]);
      },
    };
  }
  return simpleLayers(x)[[1, 2, 3, 4, 5][draw.outputs] ?? 1];
}

type Rule = typeof exactLayer;

function layersOf(input: Shape, chosen: readonly Draw[], rule: Rule): Layer[] {
  const layers: Layer[] = [];
  let shape = input;
  for (const draw of chosen) {
    const layer = rule(shape, draw);
    if (layer === undefined) continue;
    layers.push(layer);
    shape = layer.out;
  }
  return layers;
}

type Fill = (key: string, shape: readonly number[]) => Float32Array;

/** The result and the gradients of everything, on an engine. */
function resultsOn(
  engine: EngineName,
  input: Shape,
  layers: readonly Layer[],
  fill: Fill,
): { shape: number[]; values: Float32Array }[] {
  selectEngine(engine);
  return tf.tidy(() => {
    const shapes = [
      [input.batch, input.channels, input.height, input.width],
      ...layers.flatMap(({ weights }) => weights),
    ];
    const inputs = shapes.map((shape, index) => tensorOf(fill(`input ${index}`, shape), shape));
    const network = (...[x, ...weights]: Tensor[]) => {
      let [current, before, used] = [x!, x!, 0];
      for (const layer of layers) {
        const next = layer.run(current, weights.slice(used, used + layer.weights.length), before);
        used += layer.weights.length;
        [current, before] = [next, current];
      }
      // So that there is a gradient even without a layer.
      return tf.neg(current);
    };
    const y = network(...inputs);
    const dy = tensorOf(fill('dy', y.shape), y.shape);
    return [y, ...tf.grads(network)(inputs, dy)].map((tensor) => ({
      shape: tensor.shape,
      values: tensor.dataSync() as Float32Array,
    }));
  });
}

const inputs = fc.record({
  batch: between(1, 3),
  channels: between(1, 4),
  height: between(1, 9),
  width: between(1, 9),
});
const whole = (key: string, shape: readonly number[]) => numbers(key, shape, -1, 2).map(Math.floor);

function check(
  engine: EngineName,
  input: Shape,
  layers: readonly Layer[],
  fill: Fill,
  tolerance: readonly [result: number, gradients: number],
): void {
  const expected = resultsOn('js', input, layers, fill);
  const what = layers.map(({ name }) => name).join(', ');
  resultsOn(engine, input, layers, fill).forEach(({ shape, values }, index) => {
    const name = `${index === 0 ? 'result' : `gradient ${index - 1}`} of ${what}`;
    assertNear(
      tensorOf(values, shape),
      expected[index]!.shape,
      expected[index]!.values,
      name,
      tolerance[index === 0 ? 0 : 1],
    );
  });
}

describeEngines('random networks', (engine) => {
  // The reference needs no comparison with itself.
  if (engine === 'js' || engine === 'tensorflow') return;

  it('of integers have exactly the results of plain loops', () => {
    fc.assert(
      fc.property(inputs, fc.array(draws, { minLength: 2, maxLength: 7 }), (input, chosen) =>
        check(engine, input, layersOf(input, chosen, exactLayer), whole, [0, 1e-6]),
      ),
      samples(60),
    );
  });

  it('with batch normalisation have the results of plain loops', () => {
    fc.assert(
      fc.property(inputs, fc.array(draws, { minLength: 2, maxLength: 7 }), (input, chosen) =>
        check(engine, input, layersOf(input, chosen, smoothLayer), (key, shape) => numbers(key, shape), [2e-5, 1e-4]),
      ),
      samples(40),
    );
  });
});

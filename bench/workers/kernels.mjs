// Floating-point operations a second of matrix products and convolutions, and of the machine.
import * as tf from '@tensorflow/tfjs-core';
import { noGrad } from 'paddlewheel';
import { convolutionKernels, engineBackend } from '../../dist/engine/index.js';
import { convolutionShape } from '../../dist/engine/ops/index.js';
import { summarize, timeCalls } from './timing.mjs';

export function run({ products, convolutions, seconds }) {
  return noGrad(() => ({
    peak: measurePeak(seconds),
    products: products.map((size) => measureProduct(size, seconds)),
    convolutions: convolutions.map((geometry) => measureConvolution(geometry, seconds)),
  }));
}

/** Billions of operations a second, from how many `fn` does. */
function rate(operations, seconds, fn) {
  const { bestMs } = summarize(timeCalls(() => tf.tidy(() => completed(fn)), { seconds, minimum: 5 }));
  return operations / bestMs / 1e6;
}

/** Runs `fn` and waits until the engine has computed what it asked for. */
function completed(fn) {
  fn();
  engineBackend()?.library.finish();
}

/** What the engine's instruction set can do at most: multiplications and additions in registers, on all threads. */
function measurePeak(seconds) {
  const backend = engineBackend();
  if (backend?.kernels.peak === undefined) return undefined;
  const iterations = 2_000_000;
  const result = backend.allocate([2]);
  const pointer = backend.pointerOf(result);
  backend.kernels.peak(pointer, 1000);
  const measure = () => completed(() => backend.kernels.peak(pointer, iterations));
  const { bestMs } = summarize(timeCalls(measure, { seconds, minimum: 5 }));
  return backend.readSync(result.dataId)[0] / bestMs / 1e6;
}

function measureProduct([m, k, n], seconds) {
  const [a, b] = [tf.randomNormal([m, k]), tf.randomNormal([k, n])];
  const forward = rate(2 * m * k * n, seconds, () => tf.matMul(a, b));
  tf.dispose([a, b]);
  return { size: [m, k, n], forward };
}

function measureConvolution({ batch, channels, size, kernel, filters, stride }, seconds) {
  const side = kernel >> 1;
  const attributes = { strides: [stride, stride], padding: [side, side, side, side], dilations: [1, 1], groups: 1 };
  const x = tf.randomNormal([batch, size, size, channels]);
  const filter = tf.randomNormal([kernel, kernel, channels, filters]);
  const shape = convolutionShape(x.shape, filter.shape, attributes);
  const dy = tf.randomNormal(shape);
  const operations = 2 * dy.size * kernel * kernel * channels;
  const call = (name, inputs, more) => tf.engine().runKernel(name, inputs, { ...attributes, ...more });
  const { forward, inputGradient, filterGradient } = convolutionKernels;
  const result = {
    forward: rate(operations, seconds, () => call(forward, { x, filter })),
    inputGradient: rate(operations, seconds, () => call(inputGradient, { dy, filter }, { shape: x.shape })),
    filterGradient: rate(operations, seconds, () => call(filterGradient, { x, dy }, { shape: filter.shape })),
  };
  tf.dispose([x, filter, dy]);
  return { batch, channels, size, kernel, filters, stride, ...result };
}

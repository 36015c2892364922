/**
 * Tensors of random numbers.
 *
 * @module
 */
import { sizeOf } from '../../common/ndarray.js';
import { randomKernels, type RandomAttributes } from '../ops/random.js';
import { defineKernel } from './register.js';

defineKernel<unknown, RandomAttributes<'uniform'>>(
  randomKernels.uniform,
  ({ attrs: { key, counter, low, high, shape }, backend }) => {
    const y = backend.allocate(shape);
    // The fields of `Stream` in src/kernels/random_words.h.
    const stream = backend.struct([...key, ...counter]);
    backend.kernels.random_uniform(y.pointer, stream, sizeOf(shape), low, (high - low) / 2 ** 32);
    return y;
  },
);

defineKernel<unknown, RandomAttributes<'normal'>>(
  randomKernels.normal,
  ({ attrs: { key, counter, mean, std, shape }, backend }) => {
    const y = backend.allocate(shape);
    const stream = backend.struct([...key, ...counter]);
    backend.kernels.random_normal(y.pointer, stream, sizeOf(shape), mean, std);
    return y;
  },
);

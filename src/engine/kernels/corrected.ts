/**
 * Kernels of TensorFlow.js's CPU backend that are wrong for some of what they take, corrected: they serve the engine
 * 'js', and the others where these have no kernel of their own.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { sizeOf } from '../../common/ndarray.js';

/** Repeats the matrices of a tensor so that its batch has the shape `batch`. */
function repeatMatrices(backend: MathBackendCPU, x: TensorInfo, batch: readonly number[]): TensorInfo {
  const matrix = x.shape.slice(-2);
  const own = [...new Array<number>(batch.length - x.shape.length + 2).fill(1), ...x.shape.slice(0, -2)];
  const [size, count] = [sizeOf(matrix), sizeOf(batch)];
  const values = backend.readSync(x.dataId) as Float32Array;
  const repeated = tf.util.getTypedArrayFromDType(x.dtype as 'float32', count * size);
  const [strides, ownStrides] = [batch, own].map((shape) => [...tf.util.computeStrides([...shape]), 1]);
  for (let place = 0; place < count; place++) {
    const source = own.reduce((sum, length, axis) => {
      const position = Math.floor(place / (strides?.[axis] ?? 1)) % (batch[axis] ?? 1);
      return sum + (length === 1 ? 0 : position) * (ownStrides?.[axis] ?? 1);
    }, 0);
    repeated.set(values.subarray(source * size, (source + 1) * size), place * size);
  }
  return backend.makeTensorInfo([...batch, ...matrix], x.dtype, repeated);
}

// The original takes the matrices of both factors in turn, which is right only where a batch repeats as a whole, and
// gives a batch without matrices one.
const product = tf.getKernel(tf.BatchMatMul, 'cpu');
tf.unregisterKernel(tf.BatchMatMul, 'cpu');
tf.registerKernel({
  ...product,
  kernelFunc: (call) => {
    const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
    const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
    const wholes = [aBatch, bBatch].every((own) => {
      const first = own.findIndex((length) => length !== 1);
      return first < 0 || tf.util.arraysEqual(own.slice(first), batch.slice(batch.length - own.length + first));
    });
    if (wholes && sizeOf(batch) > 0) return product.kernelFunc(call);
    const backend = call.backend as MathBackendCPU;
    const inputs = { a: repeatMatrices(backend, a, batch), b: repeatMatrices(backend, b, batch) };
    const result = product.kernelFunc({ ...call, inputs });
    Object.values(inputs).forEach((input) => backend.disposeIntermediateTensorInfo(input));
    return result;
  },
});

/**
 * Frees tensors that JavaScript no longer refers to.
 *
 * V8 does not see the engine's memory, so by itself it would collect far too late: past a threshold of bytes that
 * wait for a collection, one is asked for.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** What is needed to dispose a tensor whose object is gone. */
interface Remains {
  dataId: object;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** Set when the tensor was disposed by hand. */
  disposed: boolean;
}

/** Bytes of watched tensors that may be made between two collections. */
const collectEvery = 256 * 2 ** 20;

const remainsOf = new WeakMap<Tensor, Remains>();
let bytesSinceCollection = 0;
let collect: (() => void) | undefined;

const unreachable = new FinalizationRegistry((remains: Remains) => {
  if (!remains.disposed) tf.engine().disposeTensor(remains as unknown as Tensor);
});

/** Disposes a tensor when its object becomes unreachable. Calling it again does nothing. */
export function releaseWhenUnreachable(tensor: Tensor): void {
  if (remainsOf.has(tensor)) return;
  const { dataId, dtype, shape, size } = tensor;
  const remains: Remains = { dataId, dtype, shape, size, disposed: false };
  remainsOf.set(tensor, remains);
  unreachable.register(tensor, remains, tensor);
  bytesSinceCollection += size * 4;
  if (bytesSinceCollection > collectEvery) requestCollection();
}

/** Watches a variable's present storage; to be called again whenever it gets another. */
export function watchVariable(variable: tf.Variable): void {
  releaseWhenUnreachable(variable);
}

/** Ends the watch over a tensor that is being disposed. */
export function forgetUnreachable(tensor: Tensor): void {
  const remains = remainsOf.get(tensor);
  if (remains === undefined) return;
  remains.disposed = true;
  remainsOf.delete(tensor);
  unreachable.unregister(tensor);
  bytesSinceCollection = Math.max(0, bytesSinceCollection - tensor.size * 4);
}

function requestCollection(): void {
  bytesSinceCollection = 0;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

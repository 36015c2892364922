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
  readonly dataId: object;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
}

/** Bytes of watched tensors that may pile up beyond those that outlived the last collection. */
const headroom = 256 * 2 ** 20;

const watched = Symbol.for('paddlewheel.watched');

interface Watched extends Tensor {
  [watched]?: boolean;
}

let watchedBytes = 0;
/** Bytes of watched tensors at which the next collection is due. */
let limit = headroom;
let collect: (() => void) | undefined;

const bytesOf = ({ size }: { readonly size: number }) => size * 4;

const unreachable = new FinalizationRegistry((remains: Remains) => {
  watchedBytes -= bytesOf(remains);
  // This one has not outlived the collection after all.
  limit = Math.max(headroom, limit - bytesOf(remains));
  tf.engine().disposeTensor(remains as unknown as Tensor);
});

/**
 * Disposes a tensor when its object becomes unreachable. Calling it again does nothing. A variable has to be handed over
 * again whenever it gets other storage.
 */
export function releaseWhenUnreachable(tensor: Tensor): void {
  if ((tensor as Watched)[watched]) return;
  const { dataId, dtype, shape, size } = tensor;
  (tensor as Watched)[watched] = true;
  unreachable.register(tensor, { dataId, dtype, shape, size }, tensor);
  watchedBytes += bytesOf(tensor);
  if (watchedBytes > limit) requestCollection();
}

/** Ends the watch over a tensor that is being disposed. */
export function forgetUnreachable(tensor: Tensor): void {
  if (!(tensor as Watched)[watched]) return;
  (tensor as Watched)[watched] = false;
  unreachable.unregister(tensor);
  watchedBytes -= bytesOf(tensor);
}

function requestCollection(): void {
  // What is unreachable is taken off when the registry tells, after the present task.
  limit = watchedBytes + headroom;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

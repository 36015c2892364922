/**
 * What TensorFlow.js notes about the data of tensors.
 *
 * @module
 */

const record = Symbol.for('paddlewheel.record');

interface Noted<T> {
  [record]?: T | undefined;
}

/** The methods of a `WeakMap` that TensorFlow.js calls. */
export interface Records<T> {
  get(dataId: object): T | undefined;
  has(dataId: object): boolean;
  set(dataId: object, value: T): void;
  delete(dataId: object): void;
}

/**
 * A map that keeps its values on the keys. Data ids are many and live short: beside a `WeakMap` this takes a fraction of
 * the time, and the garbage collector has no table to go through. There can be only one.
 *
 * @param earlier - where values are that were set before
 */
export function recordsOnIds<T>(earlier: Records<T> | undefined): Records<T> {
  const get = (dataId: Noted<T>) => dataId[record] ?? earlier?.get(dataId);
  return {
    get,
    has: (dataId) => get(dataId) !== undefined,
    set: (dataId: Noted<T>, value) => {
      dataId[record] = value;
    },
    delete: (dataId: Noted<T>) => {
      dataId[record] = undefined;
      earlier?.delete(dataId);
    },
  };
}

/**
 * Where the data of tensors is found.
 *
 * @module
 */
import type { Memory, TensorData } from './tensor-data.js';

const held = Symbol('data');

interface DataId {
  [held]?: TensorData | undefined;
}

/**
 * Stands in for the `WeakMap` of a backend's `DataStorage`: what belongs to a data id lies on it, since ids are many and
 * live short. An id has data in one backend only.
 */
export function dataOnIds(owner: Memory) {
  const get = ({ [held]: data }: DataId) => (data?.memory === owner ? data : undefined);
  return {
    get,
    has: (dataId: DataId) => get(dataId) !== undefined,
    set: (dataId: DataId, data: TensorData) => {
      dataId[held] = data;
    },
    delete: (dataId: DataId) => {
      const had = get(dataId) !== undefined;
      if (had) dataId[held] = undefined;
      return had;
    },
  };
}

/**
 * The fields of a batch: its inputs and labels.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { NdArray, type DType } from '../common/ndarray.js';
import { describeValue } from '../common/options.js';
import type { AnyLayer } from '../nn/layer/layer.js';
import { toTensor } from '../tensor/creation.js';
import '../tensor/methods.js';

/** A field of a batch: an input or a label, batch first. */
export type BatchField = Tensor | NdArray;

/** One field or several. */
export type BatchFields = BatchField | readonly BatchField[];

function isField(value: unknown): value is BatchField {
  return value instanceof tf.Tensor || value instanceof NdArray;
}

/**
 * All fields of a batch in one list. Nested arrays are flattened; of an object the values, in the order of sorted keys.
 *
 * @throws `InvalidArgumentError` when there is anything but tensors and arrays
 */
export function flattenBatch(batch: unknown): BatchField[] {
  if (isField(batch)) return [batch];
  if (Array.isArray(batch)) return batch.flatMap(flattenBatch);
  if (batch !== null && typeof batch === 'object' && Object.getPrototypeOf(batch) === Object.prototype) {
    const named = batch as Record<string, unknown>;
    return Object.keys(named)
      .sort()
      .flatMap((key) => flattenBatch(named[key]));
  }
  throw new InvalidArgumentError(`a batch must hold tensors or NdArrays, got ${describeValue(batch)}`);
}

/** The fields of an argument, checked. */
export function toFields(name: string, fields: BatchFields | null | undefined): readonly BatchField[] {
  if (fields === null || fields === undefined) return [];
  const list: readonly unknown[] = isField(fields) ? [fields] : fields;
  if (Array.isArray(list) && list.every(isField)) return list;
  throw new InvalidArgumentError(
    `${name} must be a Tensor, an NdArray or an array of them, got ${describeValue(fields)}`,
  );
}

/** Fields as tensors; those made here belong to the scope that surrounds the caller. */
export function toTensors(fields: readonly BatchField[]): Tensor[] {
  return fields.map((field) => (field instanceof tf.Tensor ? field : toTensor(field)));
}

/** The values of a tensor. */
export function toNdArray(tensor: Tensor): NdArray {
  return new NdArray(tensor.numpy(), [...tensor.shape], tensor.dtype as DType);
}

/** What a network or a loss returned, as a list. */
export function toTensorList(what: string, value: unknown): Tensor[] {
  const list: unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
  for (const item of list) {
    if (!(item instanceof tf.Tensor)) {
      throw new InvalidArgumentError(`${what} must return a tensor or an array of tensors, got ${describeValue(item)}`);
    }
  }
  return list as Tensor[];
}

/** How many arguments the class's `forward` takes; parameters with defaults and rest parameters do not count. */
export function countInputs(network: AnyLayer): number {
  // The instance's own `forward`, which runs the hooks, takes any number.
  return (Object.getPrototypeOf(network) as AnyLayer).forward.length;
}

/**
 * Splits a batch into inputs and labels.
 *
 * @param count - number of inputs
 * @throws `InvalidArgumentError` when there are fewer fields, or when the number of inputs is unknown
 */
export function splitFields(
  fields: readonly BatchField[],
  count: number,
  network: AnyLayer,
): [inputs: readonly BatchField[], labels: readonly BatchField[]] {
  const name = network.constructor.name;
  if (count === 0) {
    throw new InvalidArgumentError(
      `cannot tell which fields of a batch are inputs, because forward of ${name} names no parameters; pass inputs to Model`,
    );
  }
  if (fields.length < count) {
    throw new InvalidArgumentError(`${name} takes ${count} inputs, got a batch of ${fields.length} fields`);
  }
  return [fields.slice(0, count), fields.slice(count)];
}

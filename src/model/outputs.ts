/**
 * Outputs of a prediction.
 *
 * @module
 */
import { ShapeMismatchError } from '../common/errors.js';
import { NdArray, sameShape, sizeOf, zerosOf } from '../common/ndarray.js';

/** From a list of outputs per batch to a list of batches per output. */
export function outputsByPosition(batches: readonly (readonly NdArray[])[]): NdArray[][] {
  const [first = []] = batches;
  return first.map((_, position) => batches.flatMap((outputs) => outputs.slice(position, position + 1)));
}

/** Joins arrays along their first axis. */
export function joinBatches(batches: readonly NdArray[]): NdArray {
  const [first] = batches;
  if (first === undefined) return NdArray.zeros([0], 'float32');
  const [, ...rest] = first.shape;
  for (const { shape } of batches) {
    if (shape.length > 0 && sameShape(shape.slice(1), rest)) continue;
    throw new ShapeMismatchError(
      `outputs of shapes [${first.shape.join(', ')}] and [${shape.join(', ')}] cannot be joined along the first axis; pass stackOutputs: false`,
    );
  }
  const length = batches.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const joined = zerosOf(first.dtype, length * sizeOf(rest)) as Float32Array;
  let offset = 0;
  for (const { data, size } of batches) {
    joined.set(data as Float32Array, offset);
    offset += size;
  }
  return new NdArray(joined, [length, ...rest], first.dtype);
}

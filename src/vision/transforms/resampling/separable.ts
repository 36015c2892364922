/**
 * Resampling along one axis at a time: each place of the result is a weighted sum of some places of the source.
 *
 * @module
 */

/** What each place of an axis of the result is made of. */
export interface Taps {
  /** Number of places of the result. */
  readonly length: number;
  /** Places of the source that go into one of the result. */
  readonly count: number;
  /** `count` places of the source for each place of the result. */
  readonly indices: Int32Array;
  /** Weight of each of those. */
  readonly weights: Float64Array;
}

/** Sums of a row become elements of the result, from `offset` on. */
export type Finish = (sums: Float64Array, offset: number) => void;

/** Taps of `length` places, filled by a function that is given each place and sets its indices and weights. */
export function makeTaps(
  length: number,
  count: number,
  set: (place: number, tap: (index: number, source: number, weight: number) => void) => void,
): Taps {
  const taps: Taps = {
    length,
    count,
    indices: new Int32Array(length * count),
    weights: new Float64Array(length * count),
  };
  for (let place = 0; place < length; place++) {
    set(place, (index, source, weight) => {
      taps.indices[place * count + index] = source;
      taps.weights[place * count + index] = weight;
    });
  }
  return taps;
}

/** Numbers as doubles: the loops below are several times faster when they meet one type of array only. */
function doubles(source: ArrayLike<number>): Float64Array {
  return source instanceof Float64Array ? source : new Float64Array(source);
}

/** Weighted sums within each of `rows` rows of `width` pixels. */
export function alongRows(
  source: ArrayLike<number>,
  rows: number,
  width: number,
  channels: number,
  taps: Taps,
  finish: Finish,
): void {
  const { length, count, indices, weights } = taps;
  const values = doubles(source);
  const sums = new Float64Array(length * channels);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    for (let place = 0, sum = 0; place < length; place++) {
      for (let channel = 0; channel < channels; channel++, sum++) {
        let total = 0;
        for (let tap = place * count; tap < (place + 1) * count; tap++) {
          total += (weights[tap] ?? 0) * (values[(start + (indices[tap] ?? 0)) * channels + channel] ?? 0);
        }
        sums[sum] = total;
      }
    }
    finish(sums, row * sums.length);
  }
}

/** Weighted sums of rows of `rowLength` elements, within each of `planes` planes of `height` rows. */
export function acrossRows(
  source: ArrayLike<number>,
  planes: number,
  height: number,
  rowLength: number,
  taps: Taps,
  finish: Finish,
): void {
  const { length, count, indices, weights } = taps;
  const values = doubles(source);
  const sums = new Float64Array(rowLength);
  for (let plane = 0; plane < planes; plane++) {
    for (let place = 0; place < length; place++) {
      sums.fill(0);
      for (let tap = place * count; tap < (place + 1) * count; tap++) {
        const weight = weights[tap] ?? 0;
        if (weight === 0) continue;
        const start = (plane * height + (indices[tap] ?? 0)) * rowLength;
        for (let i = 0; i < rowLength; i++) sums[i] = (sums[i] ?? 0) + weight * (values[start + i] ?? 0);
      }
      finish(sums, (plane * length + place) * rowLength);
    }
  }
}

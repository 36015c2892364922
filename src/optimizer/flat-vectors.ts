/**
 * Arithmetic with all parameters in one vector.
 *
 * @module
 */

/** Scalar product. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Largest absolute value of the elements. */
export function largest(a: Float32Array): number {
  return a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** `a + factor b`. */
export function addScaled(a: Float32Array, factor: number, b: Float32Array): Float32Array {
  return a.map((value, i) => value + factor * b[i]!);
}

/** `factor a`. */
export function scaled(a: Float32Array, factor: number): Float32Array {
  return a.map((value) => factor * value);
}

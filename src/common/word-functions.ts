/**
 * Elementary functions of random words, for which every machine and version of JavaScript gives the same bits;
 * `Math.log`, `Math.sin` and `Math.cos` may differ in the last one. `src/kernels/random.cpp` computes the same.
 *
 * The polynomials are those of FreeBSD's mathematical library (e_log.c, k_sin.c and k_cos.c of Sun Microsystems' fdlibm).
 *
 * @module
 */

/** Powers of two by their exponents, 0 to 32. */
const powers = Float64Array.from({ length: 33 }, (_, exponent) => 2 ** exponent);

/** The least number that counts as above the root of 1/2. */
const lowest = 0x16a09e / 0x200000;

/** Natural logarithm of `(word + 1/2) / 2^32`. */
export function logarithmOf(word: number): number {
  let exponent = 32 - Math.clz32(word);
  let mantissa = (word + 0.5) / powers[exponent]!;
  if (mantissa < lowest) {
    mantissa *= 2;
    exponent--;
  }
  const k = exponent - 32;
  const f = mantissa - 1;
  const s = f / (f + 2);
  const z = s * s;
  const half = f * 0.5 * f;
  let rest = 1.479819860511658591e-1;
  rest = rest * z + 1.531383769920937332e-1;
  rest = rest * z + 1.818357216161805012e-1;
  rest = rest * z + 2.222219843214978396e-1;
  rest = rest * z + 2.857142874366239149e-1;
  rest = rest * z + 3.999999999940941908e-1;
  rest = rest * z + 6.66666666666673513e-1;
  // ln 2 in two parts keeps the greater product exact.
  const small = s * (half + rest * z) + k * 1.9082149292705877e-10;
  return k * 6.931471803691238e-1 - (half - small - f);
}

/** Sine of a number of at most π / 4. */
function sineNearZero(x: number): number {
  const z = x * x;
  let sum = 1.58969099521155010221e-10;
  sum = sum * z - 2.50507602534068634195e-8;
  sum = sum * z + 2.75573137070700676789e-6;
  sum = sum * z - 1.98412698298579493134e-4;
  sum = sum * z + 8.33333333332248946124e-3;
  sum = sum * z - 1.66666666666666324348e-1;
  return x + z * x * sum;
}

/** Cosine of a number of at most π / 4. */
function cosineNearZero(x: number): number {
  const z = x * x;
  const half = z * 0.5;
  const whole = 1 - half;
  let sum = -1.13596475577881948265e-11;
  sum = sum * z + 2.0875723212981748279e-9;
  sum = sum * z - 2.75573143513906633035e-7;
  sum = sum * z + 2.48015872894767294178e-5;
  sum = sum * z - 1.38888888888741095749e-3;
  sum = sum * z + 4.16666666666666019037e-2;
  return whole + (1 - whole - half + z * z * sum);
}

/** Sine of `2π word / 2^32`, plus so many quarters of a turn. */
function sineAfter(quarters: number, word: number): number {
  const angle = (word * 6.283185307179586) / 0x100000000;
  // The angle from the nearest multiple of π / 2, which is taken off in two parts.
  const quarter = (word >>> 30) + ((word >>> 29) & 1);
  const x = angle - quarter * 1.57079632673412561417 - quarter * 6.07710050650619224932e-11;
  const turned = quarter + quarters;
  const value = turned & 1 ? cosineNearZero(x) : sineNearZero(x);
  return turned & 2 ? -value : value;
}

/** Sine of `2π word / 2^32`. */
export function sineOf(word: number): number {
  return sineAfter(0, word);
}

/** Cosine of `2π word / 2^32`. */
export function cosineOf(word: number): number {
  return sineAfter(1, word);
}

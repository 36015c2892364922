// Elementary functions in single precision.
//
// The polynomials are those of the Cephes library (S. L. Moshier, "Methods and programs for mathematical functions",
// 1989): expf, logf, tanhf, erff and erfcf. Errors are at most a few units in the last place.
#pragma once
#include "vector.h"

// Coefficients from the highest power down to the constant (Horner's scheme).
template <class... Coefficient>
INLINE Vector polynomial(Vector x, Coefficient... coefficients) {
  Vector result = {};
  ((result = result * x + splat(coefficients)), ...);
  return result;
}

INLINE Vector absolute(Vector x) { return (Vector)((IntVector)x & 0x7fffffff); }

// The magnitude of one number with the sign of another.
INLINE Vector with_sign(Vector magnitude, Vector sign) {
  return (Vector)(((IntVector)magnitude & 0x7fffffff) | ((IntVector)sign & static_cast<Int32>(0x80000000)));
}

// The larger or smaller one; NaN if one of them is.
INLINE Vector larger(Vector a, Vector b) { return select(a != a, a, select(b < a, a, b)); }
INLINE Vector smaller(Vector a, Vector b) { return select(a != a, a, select(b > a, a, b)); }

// 2^n for integers n in [-126, 127], put together from its bits.
INLINE Vector power_of_two(IntVector n) { return (Vector)((n + 127) << 23); }

// x = n ln 2 + rest with |rest| <= ln 2 / 2, and minus_one = exp(rest) - 1; x in [-104, 89].
struct ReducedExponential {
  IntVector n;
  Vector minus_one;
};

INLINE ReducedExponential reduce_exponential(Vector x) {
  const Vector scaled = x * splat(1.44269504f);
  const IntVector n = __builtin_convertvector(scaled + with_sign(splat(0.5f), scaled), IntVector);
  const Vector whole = __builtin_convertvector(n, Vector);
  // ln 2 in two parts keeps the rest exact.
  const Vector r = (x - whole * splat(0.693359375f)) + whole * splat(2.12194440e-4f);
  const Vector p = polynomial(r, 1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
                              1.6666665459e-1f, 5.0000001201e-1f);
  return {n, p * r * r + r};
}

INLINE Vector exponential(Vector x) {
  // Below the lowest number, the result rounds to zero.
  const Vector highest = splat(88.72283f), lowest = splat(-104);
  const auto [n, minus_one] = reduce_exponential(select(x > highest, highest, select(x < lowest, lowest, x)));
  // In two steps, since 2^128 and 2^-150 are no floats.
  const IntVector first = n >> 1;
  Vector y = (minus_one + splat(1)) * power_of_two(first) * power_of_two(n - first);
  y = select(x > highest, splat(__builtin_inff()), y);
  return select(x == x, y, x);
}

// exp(x) - 1, without loss of digits near 0.
INLINE Vector exponential_minus_one(Vector x) {
  // From 20 on the 1 does not matter; below -20 the result rounds to -1.
  const Vector limit = splat(20);
  const auto [n, minus_one] = reduce_exponential(select(absolute(x) < limit, x, with_sign(limit, x)));
  const Vector power = power_of_two(n);
  const Vector y = minus_one * power + (power - splat(1));
  return select(x < limit, select(x == Vector{}, x, y), exponential(x));
}

// Natural logarithm: x = 2^n m with m in [sqrt(1/2), sqrt(2)), and log(1 + z) for z = m - 1 by a polynomial.
INLINE Vector logarithm(Vector x) {
  const Vector zero = {}, smallest = splat(1.17549435e-38f);
  // Numbers below the smallest normal one are scaled by 2^23 first.
  const IntVector tiny = x < smallest;
  const IntVector bits = (IntVector)select(tiny, x * splat(8388608), x);
  IntVector n = (bits >> 23) - 127 - (tiny & 23);
  Vector m = (Vector)((bits & 0x7fffff) | 0x3f800000);
  const IntVector large = m > splat(1.41421356f);
  m = select(large, m * splat(0.5f), m);
  n -= large;
  const Vector e = __builtin_convertvector(n, Vector), z = m - splat(1), square = z * z;
  Vector y = polynomial(z, 7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f,
                        -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f);
  y = y * z * square - e * splat(2.12194440e-4f) - splat(0.5f) * square;
  y = z + y + e * splat(0.693359375f);
  const Vector infinity = splat(__builtin_inff());
  y = select(x < infinity, y, x);
  return select(x > zero, y, select(x == zero, -infinity, splat(__builtin_nanf(""))));
}

// log(1 + x), without loss of digits near 0: the logarithm of the rounded sum, and what the rounding took.
INLINE Vector logarithm_plus_one(Vector x) {
  const Vector sum = x + splat(1);
  const Vector lost = select(x < splat(1), x - (sum - splat(1)), splat(1) - (sum - x));
  const IntVector finite = (sum > Vector{}) & (sum < splat(__builtin_inff()));
  return logarithm(sum) + select(finite, lost / sum, Vector{});
}

INLINE Vector logistic(Vector x) { return splat(1) / (splat(1) + exponential(-x)); }

// log(1 + exp(x))
INLINE Vector softplus(Vector x) {
  return select(x > Vector{}, x, Vector{}) + select(x == x, logarithm_plus_one(exponential(-absolute(x))), x);
}

INLINE Vector hyperbolic_tangent(Vector x) {
  const Vector magnitude = absolute(x), square = x * x;
  const Vector p = polynomial(square, -5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f,
                              -3.33332819422e-1f);
  const Vector small = p * square * x + x;
  const Vector large = splat(1) - splat(2) / (exponential(magnitude + magnitude) + splat(1));
  return select(magnitude < splat(0.625f), small, with_sign(large, x));
}

// 1 - erf(x) for x >= 1.
INLINE Vector error_function_tail(Vector x) {
  const Vector q = splat(1) / x, square = q * q;
  const Vector near = polynomial(square, 2.326819970068386e-2f, -1.387039388740657e-1f, 3.687424674597105e-1f,
                                 -5.824733027278666e-1f, 6.210004621745983e-1f, -4.944515323274145e-1f,
                                 3.404879937665872e-1f, -2.741127028184656e-1f, 5.638259427386472e-1f);
  const Vector far = polynomial(square, -1.047766399936249e1f, 1.297719955372516e1f, -7.495518717768503f,
                                2.921019019210786f, -1.015265279202700f, 4.218463358204948e-1f,
                                -2.820767439740514e-1f, 5.641895067754075e-1f);
  return exponential(-x * x) * q * select(x < splat(2), near, far);
}

// erf(x) for x in [-1, 1].
INLINE Vector error_function_center(Vector x) {
  return x * polynomial(x * x, 7.853861353153693e-5f, -8.010193625184903e-4f, 5.188327685732524e-3f,
                        -2.685381193529856e-2f, 1.128358514861418e-1f, -3.761262582423300e-1f, 1.128379165726710f);
}

INLINE Vector error_function(Vector x) {
  const Vector magnitude = absolute(x);
  const Vector large = with_sign(splat(1) - error_function_tail(magnitude), x);
  return select(magnitude > splat(1), large, error_function_center(x));
}

// Probability that a normally distributed number is at most x: (1 + erf(x / sqrt(2))) / 2, also far below 0 with all
// digits.
INLINE Vector normal_distribution(Vector x) {
  const Vector z = x * splat(0.70710678f), magnitude = absolute(z), half = splat(0.5f);
  const Vector tail = half * error_function_tail(magnitude);
  const Vector large = select(x < Vector{}, tail, splat(1) - tail);
  return select(magnitude > splat(1), large, half + half * error_function_center(z));
}

// Rounded to an integer in the sense of `round`, which gets the number cut to one; a zero keeps the sign.
template <class Round>
INLINE Vector to_integer(Vector x, const Round& round) {
  // From 2^23 on all numbers are integers.
  const Vector limit = splat(8388608);
  const IntVector small = absolute(x) < limit;
  const Vector cut = __builtin_convertvector(__builtin_convertvector(select(small, x, Vector{}), IntVector), Vector);
  return select(small, with_sign(round(cut), x), x);
}

INLINE Vector round_down(Vector x) {
  return to_integer(x, [=](Vector cut) { return select(cut > x, cut - splat(1), cut); });
}

INLINE Vector round_up(Vector x) {
  return to_integer(x, [=](Vector cut) { return select(cut < x, cut + splat(1), cut); });
}

// To the nearest integer, halves to the even one: 2^23 added pushes the fraction out.
INLINE Vector round_to_even(Vector x) {
  const Vector shift = with_sign(splat(8388608), x);
  return to_integer(x, [=](Vector) { return (x + shift) - shift; });
}

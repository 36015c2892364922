// Exponential, logarithm, logistic function and hyperbolic tangent in single precision.
//
// The polynomials are those of the Cephes library (S. L. Moshier, "Methods and programs for mathematical functions",
// 1989): expf and tanhf. Errors stay below two units in the last place.
#pragma once
#include "vector.h"

// 2^n for integers n in [-126, 127], put together from its bits.
INLINE Vector power_of_two(IntVector n) { return (Vector)((n + 127) << 23); }

INLINE Vector exponential(Vector x) {
  // Below the lowest number, the result rounds to zero.
  const Vector highest = splat(88.72283f), lowest = splat(-104);
  const Vector inside = select(x > highest, highest, select(x < lowest, lowest, x));
  // x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts keeps r exact.
  const Vector scaled = inside * splat(1.44269504f);
  const Vector half = select(scaled < splat(0), splat(-0.5f), splat(0.5f));
  const IntVector n = __builtin_convertvector(scaled + half, IntVector);
  const Vector whole = __builtin_convertvector(n, Vector);
  const Vector r = (inside - whole * splat(0.693359375f)) + whole * splat(2.12194440e-4f);
  Vector p = splat(1.9875691500e-4f);
  p = p * r + splat(1.3981999507e-3f);
  p = p * r + splat(8.3334519073e-3f);
  p = p * r + splat(4.1665795894e-2f);
  p = p * r + splat(1.6666665459e-1f);
  p = p * r + splat(5.0000001201e-1f);
  p = p * r * r + r + splat(1);
  // In two steps, since 2^128 and 2^-150 are no floats.
  const IntVector first = n >> 1;
  Vector y = p * power_of_two(first) * power_of_two(n - first);
  y = select(x > highest, splat(__builtin_inff()), y);
  return select(x == x, y, x);
}

INLINE float exponential(float x) { return exponential(splat(x))[0]; }

INLINE Vector logistic(Vector x) { return splat(1) / (splat(1) + exponential(-x)); }

INLINE Vector hyperbolic_tangent(Vector x) {
  const Vector magnitude = select(x < splat(0), -x, x);
  const Vector square = x * x;
  Vector p = splat(-5.70498872745e-3f);
  p = p * square + splat(2.06390887954e-2f);
  p = p * square + splat(-5.37397155531e-2f);
  p = p * square + splat(1.33314422036e-1f);
  p = p * square + splat(-3.33332819422e-1f);
  const Vector small = p * square * x + x;
  const Vector large = splat(1) - splat(2) / (exponential(magnitude + magnitude) + splat(1));
  return select(magnitude < splat(0.625f), small, select(x < splat(0), -large, large));
}

// Natural logarithm of a positive, finite number: exponent and mantissa m in [sqrt(1/2), sqrt(2)), and
// log m = 2 artanh((m - 1) / (m + 1)) by its series.
INLINE float logarithm(float x) {
  union { double number; long long bits; } parts = {static_cast<double>(x)};
  int exponent = static_cast<int>((parts.bits >> 52) & 0x7ff) - 1023;
  parts.bits = (parts.bits & 0xfffffffffffffLL) | (1023LL << 52);
  double mantissa = parts.number;
  if (mantissa > 1.4142135623730951) { mantissa *= 0.5; exponent++; }
  const double z = (mantissa - 1) / (mantissa + 1), square = z * z;
  double series = 0;
  for (int term = 15; term >= 1; term -= 2) series = series * square + 1.0 / term;
  return static_cast<float>(exponent * 0.6931471805599453 + 2 * z * series);
}

// Functions of single elements.
#include "math.h"

// The order is that of `unaryOperations` in the engine.
enum Unary { kRelu, kRelu6, kSigmoid, kTanh, kExp, kSqrt, kRsqrt, kSquare, kNegate, kAbsolute, kReciprocal };

template <class Function>
INLINE void map(const float* x, float* y, int length, Function function) {
  int i = 0;
  for (; i + kLanes <= length; i += kLanes) store(y + i, function(load(x + i)));
  if (i == length) return;
  Vector rest = splat(1);
  for (int j = i; j < length; j++) rest[j - i] = x[j];
  rest = function(rest);
  for (int j = i; j < length; j++) y[j] = rest[j - i];
}

EXPORT(unary)(int operation, const float* x, float* y, int length) {
  const Vector zero = splat(0), one = splat(1), six = splat(6);
  switch (operation) {
    // Comparisons are written so that NaN passes through.
    case kRelu: return map(x, y, length, [=](Vector v) { return select(v < zero, zero, v); });
    case kRelu6: return map(x, y, length, [=](Vector v) { return select(v < zero, zero, select(v > six, six, v)); });
    case kSigmoid: return map(x, y, length, [](Vector v) { return logistic(v); });
    case kTanh: return map(x, y, length, [](Vector v) { return hyperbolic_tangent(v); });
    case kExp: return map(x, y, length, [](Vector v) { return exponential(v); });
    case kSqrt: return map(x, y, length, [](Vector v) { return square_root(v); });
    case kRsqrt: return map(x, y, length, [=](Vector v) { return one / square_root(v); });
    case kSquare: return map(x, y, length, [](Vector v) { return v * v; });
    case kNegate: return map(x, y, length, [](Vector v) { return -v; });
    case kAbsolute: return map(x, y, length, [](Vector v) { return (Vector)((IntVector)v & 0x7fffffff); });
    case kReciprocal: return map(x, y, length, [=](Vector v) { return one / v; });
  }
}

// 1 for positive numbers, `slope` for others, NaN for NaN.
EXPORT(step)(const float* x, float* y, float slope, int length) {
  map(x, y, length, [=](Vector v) { return select(v > splat(0), splat(1), select(v == v, splat(slope), v)); });
}

// The order is that of `binaryOperations` in the engine.
enum Binary { kAdd, kSubtract, kMultiply, kDivide, kMaximum, kMinimum, kSquaredDifference };

// An operand of a function of two operands: a matrix [outer, inner], or one that is repeated along an axis whose stride
// is 0.
struct Operand {
  const float* data;
  int outer_stride, inner_stride;

  Vector vector(int i, int j) const {
    const float* source = data + Size(i) * outer_stride;
    return inner_stride ? load(source + j) : splat(*source);
  }
  float at(int i, int j) const { return data[Size(i) * outer_stride + j * inner_stride]; }
};

template <class Function>
INLINE void combine(const Operand& a, const Operand& b, float* y, int outer, int inner, Function function) {
  for (int i = 0; i < outer; i++, y += inner) {
    int j = 0;
    for (; j + kLanes <= inner; j += kLanes) store(y + j, function(a.vector(i, j), b.vector(i, j)));
    for (; j < inner; j++) y[j] = function(splat(a.at(i, j)), splat(b.at(i, j)))[0];
  }
}

EXPORT(binary)(int operation, const float* a, int a_outer, int a_inner, const float* b, int b_outer, int b_inner,
               float* y, int outer, int inner) {
  const Operand left = {a, a_outer, a_inner}, right = {b, b_outer, b_inner};
  switch (operation) {
    case kAdd: return combine(left, right, y, outer, inner, [](Vector p, Vector q) { return p + q; });
    case kSubtract: return combine(left, right, y, outer, inner, [](Vector p, Vector q) { return p - q; });
    case kMultiply: return combine(left, right, y, outer, inner, [](Vector p, Vector q) { return p * q; });
    case kDivide: return combine(left, right, y, outer, inner, [](Vector p, Vector q) { return p / q; });
    // NaN in either operand wins, as in JavaScript.
    case kMaximum:
      return combine(left, right, y, outer, inner,
                     [](Vector p, Vector q) { return select(p != p, p, select(q != q, q, select(p > q, p, q))); });
    case kMinimum:
      return combine(left, right, y, outer, inner,
                     [](Vector p, Vector q) { return select(p != p, p, select(q != q, q, select(p < q, p, q))); });
    case kSquaredDifference:
      return combine(left, right, y, outer, inner, [](Vector p, Vector q) { return (p - q) * (p - q); });
  }
}

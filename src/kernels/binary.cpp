// Arithmetic of two numbers, element by element.
#include "broadcast.h"
#include "math.h"

// The order is that of `binaryOperations` in the engine.
enum Binary { kAdd, kSubtract, kMultiply, kMaximum, kMinimum, kSquaredDifference, kDivide, kPrelu, kEluGradient };

// y = f(a, b)
EXPORT(binary)(int operation, const float* a, const float* b, float* y, const Broadcast* shape) {
  const Vector zero = {}, one = splat(1);
  const auto each = [=](const auto& function) INLINE_LAMBDA { combine(*shape, a, b, y, function); };
  switch (operation) {
    case kAdd: return each([](Vector p, Vector q) { return p + q; });
    case kSubtract: return each([](Vector p, Vector q) { return p - q; });
    case kMultiply: return each([](Vector p, Vector q) { return p * q; });
    // NaN in either operand wins, as in JavaScript.
    case kMaximum: return each([](Vector p, Vector q) { return larger(p, q); });
    case kMinimum: return each([](Vector p, Vector q) { return smaller(p, q); });
    case kSquaredDifference: return each([](Vector p, Vector q) { return (p - q) * (p - q); });
    case kDivide: return each([](Vector p, Vector q) { return p / q; });
    case kPrelu: return each([=](Vector x, Vector slope) { return select(x < zero, slope * x, x); });
    case kEluGradient: return each([=](Vector dy, Vector y) { return select(y < zero, dy * (y + one), dy); });
  }
}

// The same for integers, as far as they have it. Sums and products wrap around.
EXPORT(binary_of_integers)(int operation, const Int32* a, const Int32* b, Int32* y, const Broadcast* shape) {
  const auto each = [=](const auto& function) INLINE_LAMBDA { combine(*shape, a, b, y, function); };
  const auto wrap = [=](const auto& function) INLINE_LAMBDA {
    each([&](IntVector p, IntVector q) INLINE_LAMBDA { return (IntVector)function((WordVector)p, (WordVector)q); });
  };
  switch (operation) {
    case kAdd: return wrap([](WordVector p, WordVector q) { return p + q; });
    case kSubtract: return wrap([](WordVector p, WordVector q) { return p - q; });
    case kMultiply: return wrap([](WordVector p, WordVector q) { return p * q; });
    case kMaximum: return each([](IntVector p, IntVector q) { return select(p > q, p, q); });
    case kMinimum: return each([](IntVector p, IntVector q) { return select(p < q, p, q); });
    case kSquaredDifference: return wrap([](WordVector p, WordVector q) { return (p - q) * (p - q); });
  }
}

// Comparisons of two numbers, element by element, and the choice between numbers by what these give: a byte for each
// element, 1 for true and 0 for false.
#include "broadcast.h"

// The order is that of `comparisons` in the engine.
enum Comparison { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

template <class Element>
INLINE void compare_elements(int operation, const Element* a, const Element* b, Byte* y, const Broadcast& shape) {
  const auto each = [&](const auto& function) INLINE_LAMBDA { combine(shape, a, b, y, function); };
  using V = decltype(repeat(Element()));
  switch (operation) {
    case kEqual: return each([](V p, V q) { return p == q; });
    case kNotEqual: return each([](V p, V q) { return p != q; });
    case kLess: return each([](V p, V q) { return p < q; });
    case kLessEqual: return each([](V p, V q) { return p <= q; });
    case kGreater: return each([](V p, V q) { return p > q; });
    case kGreaterEqual: return each([](V p, V q) { return p >= q; });
  }
}

// y = a compared with b
EXPORT(compare)(int operation, const float* a, const float* b, Byte* y, const Broadcast* shape) {
  compare_elements(operation, a, b, y, *shape);
}

EXPORT(compare_integers)(int operation, const Int32* a, const Int32* b, Byte* y, const Broadcast* shape) {
  compare_elements(operation, a, b, y, *shape);
}

// y = a where the condition holds, b elsewhere. Elements of four bytes, of any type.
EXPORT(choose)(const Byte* condition, const Int32* a, const Int32* b, Int32* y, int length) {
  parallel_for(length, kGrain, [&](Size begin, Size end) {
    for (Size i = begin; i < end; i++) y[i] = condition[i] ? a[i] : b[i];
  });
}

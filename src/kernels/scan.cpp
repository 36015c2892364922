// Running sums along the middle axis of x[outer, length, inner].
#include "map.h"

// y = the sum of the elements so far, or with `exclusive` of those before; with `reverse` from the end on.
EXPORT(running_sum)(const float* x, float* y, int outer, int length, int inner, int exclusive, int reverse) {
  const Size size = Size(length) * inner;
  parallel_for(outer, grain_of(outer, outer * size), [&](Size begin, Size end) {
    for (Size o = begin; o < end; o++) {
      each_vector(inner, [&](Size column, int count) INLINE_LAMBDA {
        Vector sum = {};
        for (int i = 0; i < length; i++) {
          const Size place = o * size + Size(reverse ? length - 1 - i : i) * inner + column;
          const Vector next = sum + load_part(x + place, count);
          store_part(y + place, exclusive ? sum : next, count);
          sum = next;
        }
      });
    }
  });
}

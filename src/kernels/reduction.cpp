// Sums along axes.
#include "vector.h"

// y[outer, inner] = factor * sum over the middle axis of x[outer, length, inner].
EXPORT(sum_axis)(const float* x, float* y, int outer, int length, int inner, float factor) {
  for (int o = 0; o < outer; o++, x += Size(length) * inner, y += inner) {
    if (inner == 1) {
      Vector sums[4] = {};
      int i = 0;
      for (; i + 4 * kLanes <= length; i += 4 * kLanes) {
        for (int j = 0; j < 4; j++) sums[j] += load(x + i + j * kLanes);
      }
      float total = sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
      for (; i < length; i++) total += x[i];
      *y = total * factor;
      continue;
    }
    fill(y, 0, inner);
    for (int i = 0; i < length; i++) accumulate(y, x + Size(i) * inner, inner);
    for (int j = 0; j < inner; j++) y[j] *= factor;
  }
}

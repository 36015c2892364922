// Rows and elements chosen by index: gathered, added up, or made of an index. Indices are valid; the engine checks them.
#include "parallel.h"

// Elements for which it pays to call another thread.
constexpr Size kGatherGrain = 16384;

// y[batch, outer, count, inner] = x[batch, outer, indices[batch, count], inner], with `length` rows of x to choose from.
EXPORT(gather)(const float* x, const int* indices, float* y, int batch, int outer, int length, int count, int inner) {
  const Size rows = Size(batch) * outer * count;
  parallel_for(rows, kGatherGrain / maximum(inner, 1), [&](Size begin, Size end) {
    Size row = begin;
    while (row < end) {
      const Size block = row / count, first = block * count;
      const int* places = indices + block / outer * count;
      const float* source = x + block * length * inner;
      for (; row < minimum(first + count, end); row++) {
        const float* from = source + Size(places[row - first]) * inner;
        if (inner == 1) y[row] = *from;
        else copy(y + row * inner, from, inner);
      }
    }
  });
}

// y[segments, inner] = the sums of those rows of x[count, inner] that have the segment's index. Rows with an index
// outside are left out. A thread has a range of segments, so that sums are in the order of the rows.
EXPORT(segment_sum)(const float* x, const int* indices, float* y, int count, int inner, int segments) {
  const Size share = Size(count) * inner / maximum(segments, 1);
  parallel_for(segments, kGatherGrain / maximum(share, Size(1)), [&](Size begin, Size end) {
    fill(y + begin * inner, 0, (end - begin) * inner);
    for (int i = 0; i < count; i++) {
      const int segment = indices[i];
      if (segment < static_cast<int>(begin) || segment >= static_cast<int>(end)) continue;
      accumulate(y + Size(segment) * inner, x + Size(i) * inner, inner);
    }
  });
}

// y[count, depth] = `on` at the index of each row, `off` elsewhere: patterns of bits, whatever the type.
EXPORT(one_hot)(const int* indices, Int32* y, int count, int depth, Int32 on, Int32 off) {
  parallel_for(count, kGatherGrain / maximum(depth, 1), [&](Size begin, Size end) {
    for (Size i = begin; i < end; i++) {
      Int32* row = y + i * depth;
      for (int j = 0; j < depth; j++) row[j] = off;
      if (indices[i] >= 0 && indices[i] < depth) row[indices[i]] = on;
    }
  });
}

// Calls visit(x, y) for each line along the middle axis with the places of its first elements in x[outer, length, inner]
// and y[outer, count, inner].
template <class Visit>
INLINE void each_line(int outer, int length, int count, int inner, const Visit& visit) {
  const Size lines = Size(outer) * inner;
  parallel_for(lines, kGatherGrain / maximum(length + count, 1), [&](Size begin, Size end) {
    for (Size i = begin; i < end; i++) visit(i / inner * length * inner + i % inner, i / inner * count * inner + i % inner);
  });
}

// y[outer, count, inner] = the elements of x[outer, length, inner] with indices[outer, count, inner] along the middle
// axis.
EXPORT(take_along)(const float* x, const int* indices, float* y, int outer, int length, int count, int inner) {
  each_line(outer, length, count, inner, [&](Size source, Size target) {
    for (Size j = 0; j < Size(count) * inner; j += inner) y[target + j] = x[source + Size(indices[target + j]) * inner];
  });
}

// dx = the sums of those elements of dy that were taken from each place, in their order.
EXPORT(take_along_gradient)(const float* dy, const int* indices, float* dx, int outer, int length, int count,
                            int inner) {
  each_line(outer, length, count, inner, [&](Size target, Size source) {
    for (Size j = 0; j < Size(length) * inner; j += inner) dx[target + j] = 0;
    for (Size j = 0; j < Size(count) * inner; j += inner) {
      dx[target + Size(indices[source + j]) * inner] += dy[source + j];
    }
  });
}

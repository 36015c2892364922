// Softmax, its logarithm and cross entropy along the middle axis of x[outer, classes, inner].
//
// The largest logit of a row is taken off first, so that exponentials do not overflow.
#include "map.h"
#include "math.h"

// `v` with `other` in the lanes from `count` on.
INLINE Vector padded(Vector v, int count, float other) {
  if (count == kLanes) return v;
  for (int i = count; i < kLanes; i++) v[i] = other;
  return v;
}

// The logits of a row, which lie side by side.
struct Row {
  int classes;

  template <class Step>
  INLINE_LAMBDA void each(const Step& step) const { each_vector(classes, step); }

  // The total of the lanes, of which each has a part of the row, in all lanes.
  static Vector sum_of(Vector parts) { return splat(sum(parts)); }
  static Vector largest_of(Vector parts) {
    for (int i = 1; i < kLanes; i++) {
      if (!(parts[i] <= parts[0]) && parts[0] == parts[0]) parts[0] = parts[i];
    }
    return splat(parts[0]);
  }
};

// The logits of `rows` neighbouring rows, one row in each lane; classes lie `stride` floats apart.
struct RowBundle {
  int classes, stride, rows;

  template <class Step>
  INLINE_LAMBDA void each(const Step& step) const {
    for (int c = 0; c < classes; c++) step(Size(c) * stride, rows);
  }

  static Vector sum_of(Vector sums) { return sums; }
  static Vector largest_of(Vector largest) { return largest; }
};

// Calls body(row, offset) for all rows, by several threads.
template <class Body>
INLINE void each_row(int outer, int classes, int inner, const Body& body) {
  const int bundles = (inner + kLanes - 1) / kLanes;
  const Size tasks = Size(outer) * bundles;
  // An exponential takes as long as reading several numbers.
  parallel_for(tasks, grain_of(tasks, 4 * Size(outer) * classes * inner), [&](Size begin, Size end) {
    for (Size task = begin; task < end; task++) {
      const int first = static_cast<int>(task % bundles) * kLanes;
      const Size offset = task / bundles * classes * inner + first;
      if (inner == 1) body(Row{classes}, offset);
      else body(RowBundle{classes, inner, minimum(kLanes, inner - first)}, offset);
    }
  });
}

template <class Rows>
INLINE Vector largest_logit(const Rows& rows, const float* x) {
  Vector largest = splat(-__builtin_inff());
  rows.each([&](Size i, int count) INLINE_LAMBDA {
    largest = larger(largest, padded(load_part(x + i, count), count, -__builtin_inff()));
  });
  return rows.largest_of(largest);
}

// y = exp(x - largest); returns the sum.
template <class Rows>
INLINE Vector exponentials(const Rows& rows, const float* x, float* y, Vector largest) {
  Vector total = {};
  rows.each([&](Size i, int count) INLINE_LAMBDA {
    const Vector power = exponential(load_part(x + i, count) - largest);
    store_part(y + i, power, count);
    total += padded(power, count, 0);
  });
  return rows.sum_of(total);
}

template <class Rows>
INLINE void divide(const Rows& rows, float* y, Vector divisor) {
  rows.each([&](Size i, int count) INLINE_LAMBDA { store_part(y + i, load_part(y + i, count) / divisor, count); });
}

EXPORT(softmax)(const float* x, float* y, int outer, int classes, int inner) {
  each_row(outer, classes, inner, [&](const auto& rows, Size offset) {
    const Vector total = exponentials(rows, x + offset, y + offset, largest_logit(rows, x + offset));
    divide(rows, y + offset, total);
  });
}

// dx = y (dy - sum(dy y)), with y the softmax.
EXPORT(softmax_gradient)(const float* dy, const float* y, float* dx, int outer, int classes, int inner) {
  each_row(outer, classes, inner, [&](const auto& rows, Size offset) {
    const float *gradient = dy + offset, *probabilities = y + offset;
    Vector total = {};
    rows.each([&](Size i, int count) INLINE_LAMBDA {
      total += load_part(gradient + i, count) * load_part(probabilities + i, count);
    });
    total = rows.sum_of(total);
    rows.each([&](Size i, int count) INLINE_LAMBDA {
      const Vector v = load_part(probabilities + i, count) * (load_part(gradient + i, count) - total);
      store_part(dx + offset + i, v, count);
    });
  });
}

// y = x - log(sum(exp(x)))
EXPORT(log_softmax)(const float* x, float* y, int outer, int classes, int inner) {
  each_row(outer, classes, inner, [&](const auto& rows, Size offset) {
    const Vector largest = largest_logit(rows, x + offset);
    const Vector rest = logarithm(exponentials(rows, x + offset, y + offset, largest));
    rows.each([&](Size i, int count) INLINE_LAMBDA {
      store_part(y + offset + i, load_part(x + offset + i, count) - largest - rest, count);
    });
  });
}

// dx = dy - exp(y) sum(dy), with y the logarithm of the softmax.
EXPORT(log_softmax_gradient)(const float* dy, const float* y, float* dx, int outer, int classes, int inner) {
  each_row(outer, classes, inner, [&](const auto& rows, Size offset) {
    Vector total = {};
    rows.each([&](Size i, int count) INLINE_LAMBDA { total += load_part(dy + offset + i, count); });
    total = rows.sum_of(total);
    rows.each([&](Size i, int count) INLINE_LAMBDA {
      const Vector probability = exponential(load_part(y + offset + i, count));
      store_part(dx + offset + i, load_part(dy + offset + i, count) - probability * total, count);
    });
  });
}

// losses[rows]: log(sum(exp(x))) - x[label], 0 for rows with the label `ignored`; and the softmax of each row. As in Paddle
// a logit counts as at most 64 below the largest one.
EXPORT(softmax_cross_entropy)(const float* logits, const int* labels, float* losses, float* probabilities, int rows,
                              int classes, int ignored) {
  each_row(rows, classes, 1, [&](const auto& row, Size offset) {
    const float* x = logits + offset;
    const Vector largest = largest_logit(row, x), total = exponentials(row, x, probabilities + offset, largest);
    divide(row, probabilities + offset, total);
    const Size i = offset / classes;
    const int label = labels[i];
    const bool counts = label != ignored && label >= 0 && label < classes;
    // The difference of the large parts first: it keeps the digits of the small one.
    const float difference = counts ? x[label] - largest[0] : 0;
    losses[i] = counts ? logarithm(total)[0] - (difference < -64 ? -64 : difference) : 0;
  });
}

// dlogits = dy (probabilities - one-hot label), 0 for rows with the label `ignored`, whatever they hold.
EXPORT(softmax_cross_entropy_gradient)(const float* dy, const float* probabilities, const int* labels, float* dlogits,
                                       int rows, int classes, int ignored) {
  each_row(rows, classes, 1, [&](const auto& row, Size offset) {
    const Size i = offset / classes;
    const int label = labels[i];
    if (label == ignored) return fill(dlogits + offset, 0, classes);
    row.each([&](Size c, int count) INLINE_LAMBDA {
      store_part(dlogits + offset + c, splat(dy[i]) * load_part(probabilities + offset + c, count), count);
    });
    if (label >= 0 && label < classes) dlogits[offset + label] = dy[i] * (probabilities[offset + label] - 1);
  });
}

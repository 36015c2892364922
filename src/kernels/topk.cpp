// The k largest elements of each row, largest first, and of equal ones those with the lower index.
//
// The best k so far form a heap whose root is the worst of them (J. W. J. Williams, "Algorithm 232: heapsort", CACM 7,
// 1964), kept in the result itself. Most elements are no better than the root, which whole vectors of them show at once.
// In the end the heap is sorted by taking its root away again and again.
#include "parallel.h"

template <class T>
struct Ranking {
  T* values;
  int* indices;

  // True when element `a` comes after element `b` in the result.
  bool is_worse(int a, int b) const {
    return values[a] < values[b] || (values[a] == values[b] && indices[a] > indices[b]);
  }

  void swap(int a, int b) const {
    const T value = values[a];
    values[a] = values[b];
    values[b] = value;
    const int index = indices[a];
    indices[a] = indices[b];
    indices[b] = index;
  }

  // Makes the elements below `place` a heap again when only that element is out of order.
  void sink(int place, int length) const {
    for (int child = 2 * place + 1; child < length; child = 2 * place + 1) {
      if (child + 1 < length && is_worse(child + 1, child)) child++;
      if (!is_worse(child, place)) return;
      swap(child, place);
      place = child;
    }
  }
};

INLINE bool any(IntVector mask) {
  Int32 lanes = 0;
  for (int i = 0; i < kLanes; i++) lanes |= mask[i];
  return lanes != 0;
}

template <class T>
static void top_of_row(const T* x, const Ranking<T>& best, int length, int k) {
  for (int i = 0; i < k; i++) {
    best.values[i] = x[i];
    best.indices[i] = i;
  }
  for (int i = k / 2 - 1; i >= 0; i--) best.sink(i, k);
  // A later element of equal value is worse, so that only larger ones take the root's place.
  const auto consider = [&](int i) {
    if (!(x[i] > best.values[0])) return;
    best.values[0] = x[i];
    best.indices[0] = i;
    best.sink(0, k);
  };
  int i = k;
  for (; i + kLanes <= length; i += kLanes) {
    if (!any(load(x + i) > best.values[0] - decltype(load(x)){})) continue;
    for (int j = i; j < i + kLanes; j++) consider(j);
  }
  for (; i < length; i++) consider(i);
  for (int last = k - 1; last > 0; last--) {
    best.swap(0, last);
    best.sink(0, last);
  }
}

template <class T>
INLINE void top_of_rows(const T* x, T* values, int* indices, int rows, int length, int k) {
  parallel_for(rows, 16384 / length, [&](Size begin, Size end) {
    for (Size i = begin; i < end; i++) top_of_row(x + i * length, Ranking<T>{values + i * k, indices + i * k}, length, k);
  });
}

// values[rows, k] and indices[rows, k] of x[rows, length], 0 < k <= length. There is no NaN.
EXPORT(top_k)(const float* x, float* values, int* indices, int rows, int length, int k) {
  top_of_rows(x, values, indices, rows, length, k);
}

EXPORT(top_k_int)(const int* x, int* values, int* indices, int rows, int length, int k) {
  top_of_rows(x, values, indices, rows, length, k);
}

// *found = 1 when an element is NaN, else 0.
EXPORT(find_nan)(const float* x, int* found, int length) {
  IntVector mask = {};
  int i = 0;
  for (; i + kLanes <= length; i += kLanes) mask |= load(x + i) != load(x + i);
  Int32 rest = 0;
  for (; i < length; i++) rest |= x[i] != x[i];
  *found = any(mask) || rest;
}

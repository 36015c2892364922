// Sums, products, extremes and their places along the middle axis of x[outer, length, inner].
//
// Sums are sums of sums of a few numbers each, so that the error grows with the logarithm of the length rather than
// with the length.
#include "columns.h"
#include "math.h"

// The order is that of `reductions` in the engine.
enum Reduction { kSum, kProduct, kLargest, kSmallest };

struct Sum {
  static constexpr float kStart = 0;
  static Vector join(Vector a, Vector b) { return a + b; }
};

struct Product {
  static constexpr float kStart = 1;
  static Vector join(Vector a, Vector b) { return a * b; }
};

struct Largest {
  static constexpr float kStart = -__builtin_inff();
  static Vector join(Vector a, Vector b) { return larger(a, b); }
};

struct Smallest {
  static constexpr float kStart = __builtin_inff();
  static Vector join(Vector a, Vector b) { return smaller(a, b); }
};

// Elements of a run that are joined one after the other.
constexpr Size kRun = 512;
// A long row is shared by threads in pieces of at least this length, at most kMostPieces of them.
constexpr Size kPiece = 16384;
constexpr int kMostPieces = 64;

// All elements of a row joined, halves of halves.
template <class Join>
static Vector join_run(const float* x, Size length) {
  if (length > kRun) {
    const Size half = (length / 2 + kRun - 1) / kRun * kRun;
    return Join::join(join_run<Join>(x, half), join_run<Join>(x + half, length - half));
  }
  Vector parts[4] = {splat(Join::kStart), splat(Join::kStart), splat(Join::kStart), splat(Join::kStart)};
  Size i = 0;
  for (; i + 4 * kLanes <= length; i += 4 * kLanes) {
    for (int j = 0; j < 4; j++) parts[j] = Join::join(parts[j], load(x + i + j * kLanes));
  }
  each_vector(length - i, [&](Size j, int count) INLINE_LAMBDA {
    Vector v = load_part(x + i + j, count);
    for (int lane = count; lane < kLanes; lane++) v[lane] = Join::kStart;
    parts[0] = Join::join(parts[0], v);
  });
  return Join::join(Join::join(parts[0], parts[1]), Join::join(parts[2], parts[3]));
}

template <class Join>
static float join_row(const float* x, Size length) {
  Vector lanes = join_run<Join>(x, length);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    Vector other = lanes;
    for (int i = 0; i < width; i++) other[i] = lanes[i + width];
    lanes = Join::join(lanes, other);
  }
  return lanes[0];
}

// y[i] = factor * all elements of row i joined.
template <class Join>
static void join_rows(const float* x, float* y, int rows, int length, float factor) {
  const int pieces = static_cast<int>(minimum(length / kPiece, Size(kMostPieces)));
  if (pieces < 2) {
    return parallel_for(rows, grain_of(rows, Size(rows) * length), [&](Size begin, Size end) {
      for (Size i = begin; i < end; i++) y[i] = join_row<Join>(x + i * length, length) * factor;
    });
  }
  for (int i = 0; i < rows; i++, x += length) {
    float joined[kMostPieces];
    parallel_for(pieces, 1, [&](Size begin, Size end) {
      for (Size piece = begin; piece < end; piece++) {
        const Size first = piece * length / pieces, last = (piece + 1) * length / pieces;
        joined[piece] = join_row<Join>(x + first, last - first);
      }
    });
    y[i] = join_row<Join>(joined, pieces) * factor;
  }
}

// The elements of each column of `rows` joined, block by block.
template <class Join, int kVectors>
INLINE void join_columns(const float* x, Rows rows, int column, int count, float factor, float* target) {
  Vector joined[kVectors];
  for (int v = 0; v < kVectors; v++) joined[v] = splat(Join::kStart);
  for (int first = 0; first < rows.rows; first += kBlockRows) {
    Vector block[kVectors];
    for (int v = 0; v < kVectors; v++) block[v] = splat(Join::kStart);
    for (int i = first; i < minimum(first + kBlockRows, rows.rows); i++) {
      const float* row = x + rows.start + Size(i) * rows.width + column;
      for (int v = 0; v < kVectors; v++) block[v] = Join::join(block[v], load_part(row + v * kLanes, count));
    }
    for (int v = 0; v < kVectors; v++) joined[v] = Join::join(joined[v], block[v]);
  }
  for (int v = 0; v < kVectors; v++) store_part(target + v * kLanes, joined[v] * splat(factor), count);
}

// The columns of a part, into a row of a table.
template <class Join>
struct ColumnJoin {
  const Folded& matrix;
  const float* x;
  float* table;

  template <int kVectors>
  void columns(int part, int column, int count) const {
    join_columns<Join, kVectors>(x, matrix.part(part), column, count, 1, table + matrix.place(part, column));
  }
};

// y[inner] = factor * all rows of a large matrix joined.
template <class Join>
static void join_matrix(const float* x, float* y, float* scratch, int length, int inner, float factor) {
  const Folded matrix(length, inner);
  reduce_parts(matrix, ColumnJoin<Join>{matrix, x, scratch});
  join_parts(matrix, scratch, [](float* target, const float* source, int columns) {
    each_vector(columns, [&](Size c, int count) INLINE_LAMBDA {
      store_part(target + c, Join::join(load_part(target + c, count), load_part(source + c, count)), count);
    });
  });
  for (int c = 0; c < inner; c++) y[c] = scratch[c] * factor;
}

template <class Join>
static void join_axis(const float* x, float* y, float* scratch, int outer, int length, int inner, float factor) {
  const Size size = Size(length) * inner;
  if (inner == 1) return join_rows<Join>(x, y, outer, length, factor);
  if (size >= 2 * kGrain) {
    for (int o = 0; o < outer; o++, x += size, y += inner) join_matrix<Join>(x, y, scratch, length, inner, factor);
    return;
  }
  parallel_for(outer, grain_of(outer, outer * size), [&](Size begin, Size end) {
    for (Size o = begin; o < end; o++) {
      const Rows rows = {o * size, length, inner};
      int column = 0;
      for (; column + kStrip <= inner; column += kStrip) {
        join_columns<Join, kStripVectors>(x, rows, column, kLanes, factor, y + o * inner + column);
      }
      for (; column < inner; column += kLanes) {
        join_columns<Join, 1>(x, rows, column, minimum(kLanes, inner - column), factor, y + o * inner + column);
      }
    }
  });
}

// y[outer, inner] = factor * all elements along the middle axis joined. `scratch` is a table (columns.h).
EXPORT(reduce)(int operation, const float* x, float* y, float* scratch, int outer, int length, int inner,
               float factor) {
  switch (operation) {
    case kSum: return join_axis<Sum>(x, y, scratch, outer, length, inner, factor);
    case kProduct: return join_axis<Product>(x, y, scratch, outer, length, inner, factor);
    case kLargest: return join_axis<Largest>(x, y, scratch, outer, length, inner, factor);
    case kSmallest: return join_axis<Smallest>(x, y, scratch, outer, length, inner, factor);
  }
}

INLINE IntVector lane_numbers() {
  IntVector lanes = {};
  for (int i = 0; i < kLanes; i++) lanes[i] = i;
  return lanes;
}

// The place of the first largest number of a row, times `sign`. As in TensorFlow.js, NaN counts only in the first
// place, where nothing is larger.
static int place_in_row(const float* x, Size length, float sign) {
  const Vector start = splat(x[0] * sign);
  Vector best = start;
  IntVector places = {};
  each_vector(length, [&](Size i, int count) INLINE_LAMBDA {
    Vector v = load_part(x + i, count) * splat(sign);
    for (int lane = count; lane < kLanes; lane++) v[lane] = start[0];
    const IntVector better = v > best;
    best = select(better, v, best);
    places = select(better, lane_numbers() + splat_int(static_cast<int>(i)), places);
  });
  int lane = 0;
  for (int i = 1; i < kLanes; i++) {
    if (best[i] > best[lane] || (best[i] == best[lane] && places[i] < places[lane])) lane = i;
  }
  return places[lane];
}

// y[outer, inner] = place of the largest element along the middle axis, or with `sign` -1 of the smallest; the first
// one of equals.
EXPORT(place_of_extreme)(const float* x, int* y, int outer, int length, int inner, float sign) {
  const Size size = Size(length) * inner;
  parallel_for(outer, grain_of(outer, outer * size), [&](Size begin, Size end) {
    for (Size o = begin; o < end; o++) {
      const float* source = x + o * size;
      if (inner == 1) {
        y[o] = place_in_row(source, length, sign);
        continue;
      }
      each_vector(inner, [&](Size column, int count) INLINE_LAMBDA {
        Vector best = load_part(source + column, count) * splat(sign);
        IntVector places = {};
        for (int i = 1; i < length; i++) {
          const Vector v = load_part(source + Size(i) * inner + column, count) * splat(sign);
          const IntVector better = v > best;
          best = select(better, v, best);
          places = select(better, splat_int(i), places);
        }
        for (int lane = 0; lane < count; lane++) y[o * inner + column + lane] = places[lane];
      });
    }
  });
}

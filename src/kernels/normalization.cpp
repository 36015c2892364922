// Batch normalisation (S. Ioffe and C. Szegedy, "Batch normalization", 2015, algorithm 1), channels last:
// x[rows, channels].
//
// Forward and backward read their inputs twice: once to reduce the rows to a few numbers for each channel, and once to
// compute the result from these. The second pass of the forward is a function of its own, which can add another matrix
// and rectify the sum on the way: what follows a normalisation in most networks then takes no pass of its own. The
// backward finds out from x where such a rectifier let values through.
//
// `scratch` is as many tables (columns.h) as the function says.
#include "columns.h"

// The mean of a group of numbers and their sum of squared deviations from it, with those of another group put in (T. F.
// Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance", 1983).
INLINE void merge_moments(Vector& mean, Vector& squares, float count, Vector other_mean, Vector other_squares,
                          float other_count) {
  const float share = other_count / (count + other_count);
  const Vector distance = other_mean - mean;
  mean += distance * splat(share);
  squares += other_squares + distance * (distance * splat(count * share));
}

// The moments of each column of a part, into rows of the tables `means` and `squares`.
struct Moments {
  const Folded& matrix;
  const float* x;
  float *means, *squares;

  template <int kVectors>
  void columns(int part, int column, int count) const {
    const Rows rows = matrix.part(part);
    const float* source = x + rows.start + column;
    Vector mean[kVectors] = {}, square[kVectors] = {};
    for (int first = 0; first < rows.rows; first += kBlockRows) {
      const int block = minimum(kBlockRows, rows.rows - first);
      Vector center[kVectors] = {}, spread[kVectors] = {};
      for (int i = 0; i < block; i++) {
        const float* row = source + Size(first + i) * rows.width;
        for (int v = 0; v < kVectors; v++) center[v] += load_part(row + v * kLanes, count);
      }
      for (int v = 0; v < kVectors; v++) center[v] /= splat(static_cast<float>(block));
      // Deviations from the mean found first lose no digits, however large the mean is.
      for (int i = 0; i < block; i++) {
        const float* row = source + Size(first + i) * rows.width;
        for (int v = 0; v < kVectors; v++) {
          const Vector distance = load_part(row + v * kLanes, count) - center[v];
          spread[v] += distance * distance;
        }
      }
      for (int v = 0; v < kVectors; v++) {
        merge_moments(mean[v], square[v], static_cast<float>(first), center[v], spread[v], static_cast<float>(block));
      }
    }
    const Size place = matrix.place(part, column);
    for (int v = 0; v < kVectors; v++) {
      store_part(means + place + v * kLanes, mean[v], count);
      store_part(squares + place + v * kLanes, square[v], count);
    }
  }
};

// What follows the normalisation. The numbers are those of `rectifiers` in the engine.
enum Rectifier { kNone, kRelu0, kRelu06 };

struct Identity {
  Vector operator()(Vector v) const { return v; }
  Vector gradient(Vector dy, Vector) const { return dy; }
};

// max(0, v); NaN passes through.
struct Relu {
  Vector operator()(Vector v) const { return select(v < Vector{}, Vector{}, v); }
  Vector gradient(Vector dy, Vector v) const { return select(v > Vector{}, dy, Vector{}); }
};

// min(max(0, v), 6); NaN passes through.
struct Relu6 {
  Vector operator()(Vector v) const { return select(v > splat(6), splat(6), select(v < Vector{}, Vector{}, v)); }
  Vector gradient(Vector dy, Vector v) const { return select((v > Vector{}) & (v < splat(6)), dy, Vector{}); }
};

// Calls body(function) with the function of a number.
template <class Body>
INLINE void with_rectifier(int rectifier, const Body& body) {
  switch (rectifier) {
    case kNone: return body(Identity());
    case kRelu0: return body(Relu());
    case kRelu06: return body(Relu6());
  }
}

// The line of each channel, y = x * factor + offset: the factors of all channels, then the offsets.
//
// (x - mean) / sqrt(variance + epsilon) * scale + shift
EXPORT(batch_norm_line)(const float* mean, const float* variance, const float* scale, const float* shift, float* line,
                        int channels, float epsilon) {
  each_vector(channels, [&](Size c, int count) INLINE_LAMBDA {
    const Vector factor = load_part(scale + c, count) / square_root(load_part(variance + c, count) + splat(epsilon));
    store_part(line + c, factor, count);
    store_part(line + channels + c, load_part(shift + c, count) - load_part(mean + c, count) * factor, count);
  });
}

// The mean and the biased variance of each channel. Two tables of scratch.
EXPORT(batch_norm_moments)(const float* x, float* mean, float* variance, float* scratch, int rows, int channels) {
  const Folded matrix(rows, channels);
  float *means = scratch, *squares = means + table_length(channels);
  reduce_parts(matrix, Moments{matrix, x, means, squares});
  fill(mean, 0, channels);
  fill(variance, 0, channels);
  float counted = 0;
  merge_parts(matrix, [&](Size place, int part_rows) {
    each_vector(channels, [&](Size c, int count) INLINE_LAMBDA {
      Vector m = load_part(mean + c, count), s = load_part(variance + c, count);
      merge_moments(m, s, counted, load_part(means + place + c, count), load_part(squares + place + c, count),
                    static_cast<float>(part_rows));
      store_part(mean + c, m, count);
      store_part(variance + c, s, count);
    });
    counted += static_cast<float>(part_rows);
  });
  each_vector(channels, [&](Size c, int count) INLINE_LAMBDA {
    store_part(variance + c, load_part(variance + c, count) / splat(counted), count);
  });
}

// The factors and offsets of a line, repeated to the width of a row, in two tables. Without a line there are none.
struct LongLine {
  const float *factor, *offset;

  LongLine(const float* line, const Folded& matrix, float* tables)
      : factor(tables), offset(tables + table_length(matrix.channels)) {
    if (line == nullptr) return;
    float* second = tables + table_length(matrix.channels);
    copy(tables, line, matrix.channels);
    copy(second, line + matrix.channels, matrix.channels);
    repeat_channels(tables, matrix);
    repeat_channels(second, matrix);
  }

  INLINE_LAMBDA Vector at(Vector x, Size column, int count) const {
    return x * load_part(factor + column, count) + load_part(offset + column, count);
  }
};

// y = rectifier(x * factor + offset (+ addend)). Two tables of scratch.
EXPORT(normalize)(const float* x, const float* line, const float* addend, float* y, float* scratch, int rectifier,
                  int rows, int channels) {
  const Folded matrix(rows, channels);
  const LongLine lines(line, matrix, scratch);
  with_rectifier(rectifier, [&](const auto& rectify) {
    each_rows(matrix, [&](Rows part) {
      for (int i = 0; i < part.rows; i++) {
        const Size row = part.start + Size(i) * part.width;
        if (addend) {
          each_vector(part.width, [&](Size c, int count) INLINE_LAMBDA {
            const Vector v = lines.at(load_part(x + row + c, count), c, count) + load_part(addend + row + c, count);
            store_part(y + row + c, rectify(v), count);
          });
        } else {
          each_vector(part.width, [&](Size c, int count) INLINE_LAMBDA {
            store_part(y + row + c, rectify(lines.at(load_part(x + row + c, count), c, count)), count);
          });
        }
      }
    });
  });
}

// For each column of a part the sums of d and of d * (x - mean), into rows of the tables; d is dy where the rectifier
// let the normalised x through.
template <class Rectify>
struct GradientSums {
  const Folded& matrix;
  const Rectify& rectify;
  const LongLine& lines;
  const float *dy, *x, *mean;
  float *sums, *products;

  template <int kVectors>
  void columns(int part, int column, int count) const {
    const Rows rows = matrix.part(part);
    Vector center[kVectors], sum[kVectors] = {}, product[kVectors] = {};
    for (int v = 0; v < kVectors; v++) center[v] = load_part(mean + column + v * kLanes, count);
    for (int first = 0; first < rows.rows; first += kBlockRows) {
      // Sums of sums stay exact longer than one long sum.
      Vector block_sum[kVectors] = {}, block_product[kVectors] = {};
      for (int i = first; i < minimum(first + kBlockRows, rows.rows); i++) {
        const Size row = rows.start + Size(i) * rows.width + column;
        for (int v = 0; v < kVectors; v++) {
          const Vector value = load_part(x + row + v * kLanes, count);
          const Vector d = rectify.gradient(load_part(dy + row + v * kLanes, count),
                                            lines.at(value, column + v * kLanes, count));
          block_sum[v] += d;
          block_product[v] += d * (value - center[v]);
        }
      }
      for (int v = 0; v < kVectors; v++) {
        sum[v] += block_sum[v];
        product[v] += block_product[v];
      }
    }
    const Size place = matrix.place(part, column);
    for (int v = 0; v < kVectors; v++) {
      store_part(sums + place + v * kLanes, sum[v], count);
      store_part(products + place + v * kLanes, product[v], count);
    }
  }
};

// The gradients of rectifier(batch normalisation), where the line is only read if there is a rectifier. With n rows,
// normalised values x^, inverse deviation s and d = dy where the rectifier let the value through, 0 elsewhere:
// dshift = sum(d), dscale = sum(d x^), dx = scale s (d - dshift / n - x^ dscale / n). Seven tables of scratch.
EXPORT(batch_norm_gradient)(const float* dy, const float* x, const float* line, const float* scale, const float* mean,
                            const float* variance, float* dx, float* dscale, float* dshift, float* scratch,
                            int rectifier, int rows, int channels, float epsilon) {
  const Folded matrix(rows, channels);
  const int table = table_length(channels);
  float *sums = scratch, *products = sums + table;
  // dx = d * a + x * b + rest
  float *a = products + table, *b = a + table, *rest = b + table;
  const LongLine lines(line, matrix, rest + table);
  float* long_mean = rest;
  copy(long_mean, mean, channels);
  repeat_channels(long_mean, matrix);
  with_rectifier(rectifier, [&]<class Rectify>(const Rectify& rectify) {
    reduce_parts(matrix, GradientSums<Rectify>{matrix, rectify, lines, dy, x, long_mean, sums, products});
  });
  const auto add = [](float* target, const float* source, int length) { accumulate(target, source, length); };
  join_parts(matrix, sums, add);
  join_parts(matrix, products, add);
  copy(dshift, sums, channels);
  copy(dscale, products, channels);
  const Vector one = splat(1), n = splat(static_cast<float>(rows));
  each_vector(channels, [&](Size c, int count) INLINE_LAMBDA {
    const Vector inverse = one / square_root(load_part(variance + c, count) + splat(epsilon));
    const Vector scale_gradient = load_part(dscale + c, count) * inverse;
    const Vector of_dy = load_part(scale + c, count) * inverse, of_x = -of_dy * inverse * scale_gradient / n;
    store_part(dscale + c, scale_gradient, count);
    store_part(a + c, of_dy, count);
    store_part(b + c, of_x, count);
    store_part(rest + c, -of_dy * load_part(dshift + c, count) / n - of_x * load_part(mean + c, count), count);
  });
  repeat_channels(a, matrix);
  repeat_channels(b, matrix);
  repeat_channels(rest, matrix);
  with_rectifier(rectifier, [&](const auto& rectify) {
    each_rows(matrix, [&](Rows part) {
      for (int i = 0; i < part.rows; i++) {
        const Size row = part.start + Size(i) * part.width;
        each_vector(part.width, [&](Size c, int count) INLINE_LAMBDA {
          const Vector value = load_part(x + row + c, count);
          const Vector d = rectify.gradient(load_part(dy + row + c, count), lines.at(value, c, count));
          const Vector of_x = value * load_part(b + c, count) + load_part(rest + c, count);
          store_part(dx + row + c, d * load_part(a + c, count) + of_x, count);
        });
      }
    });
  });
}

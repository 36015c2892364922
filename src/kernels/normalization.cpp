// Batch normalisation (S. Ioffe and C. Szegedy, "Batch normalization", 2015, algorithm 1), channels last:
// x[rows, channels].
//
// Forward and backward read their inputs twice: once to reduce the rows to a few numbers for each channel, and once to
// compute the result from these. `scratch` is five tables (columns.h).
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

// y = (x - mean) / sqrt(variance + epsilon) * scale + shift = x * factor + offset, with the two for each channel in
// tables.
static void normalize(const Folded& matrix, const float* x, const float* mean, const float* variance,
                      const float* scale, const float* shift, float* y, float* factor, float* offset, float epsilon) {
  each_vector(matrix.channels, [&](Size c, int count) INLINE_LAMBDA {
    const Vector f = load_part(scale + c, count) / square_root(load_part(variance + c, count) + splat(epsilon));
    store_part(factor + c, f, count);
    store_part(offset + c, load_part(shift + c, count) - load_part(mean + c, count) * f, count);
  });
  repeat_channels(factor, matrix);
  repeat_channels(offset, matrix);
  each_rows(matrix, [&](Rows rows) {
    for (int i = 0; i < rows.rows; i++) {
      const Size row = rows.start + Size(i) * rows.width;
      each_vector(rows.width, [&](Size c, int count) INLINE_LAMBDA {
        const Vector v = load_part(x + row + c, count) * load_part(factor + c, count) + load_part(offset + c, count);
        store_part(y + row + c, v, count);
      });
    }
  });
}

// Normalises by a given mean and variance of each channel.
EXPORT(batch_norm_inference)(const float* x, const float* mean, const float* variance, const float* scale,
                             const float* shift, float* y, float* scratch, int rows, int channels, float epsilon) {
  const Folded matrix(rows, channels);
  normalize(matrix, x, mean, variance, scale, shift, y, scratch, scratch + matrix.width, epsilon);
}

// Normalises by the mean and the variance of the rows, which are results, too.
EXPORT(batch_norm)(const float* x, const float* scale, const float* shift, float* y, float* mean, float* variance,
                   float* scratch, int rows, int channels, float epsilon) {
  const Folded matrix(rows, channels);
  const int table = table_length(channels);
  float *means = scratch, *squares = means + table;
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
  normalize(matrix, x, mean, variance, scale, shift, y, squares + table, squares + 2 * table, epsilon);
}

// For each column of a part the sums of dy and of dy * (x - mean), into rows of the tables.
struct GradientSums {
  const Folded& matrix;
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
          const Vector d = load_part(dy + row + v * kLanes, count);
          block_sum[v] += d;
          block_product[v] += d * (load_part(x + row + v * kLanes, count) - center[v]);
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

// With n rows, normalised values x^ and inverse deviation s:
// dshift = sum(dy), dscale = sum(dy x^), dx = scale s (dy - dshift / n - x^ dscale / n).
EXPORT(batch_norm_gradient)(const float* dy, const float* x, const float* scale, const float* mean,
                            const float* variance, float* dx, float* dscale, float* dshift, float* scratch, int rows,
                            int channels, float epsilon) {
  const Folded matrix(rows, channels);
  const int table = table_length(channels);
  float *sums = scratch, *products = sums + table;
  // dx = dy * a + x * b + rest
  float *a = products + table, *b = a + table, *rest = b + table;
  float* long_mean = rest;
  copy(long_mean, mean, channels);
  repeat_channels(long_mean, matrix);
  reduce_parts(matrix, GradientSums{matrix, dy, x, long_mean, sums, products});
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
  each_rows(matrix, [&](Rows part) {
    for (int i = 0; i < part.rows; i++) {
      const Size row = part.start + Size(i) * part.width;
      each_vector(part.width, [&](Size c, int count) INLINE_LAMBDA {
        const Vector of_dy = load_part(dy + row + c, count) * load_part(a + c, count);
        const Vector of_x = load_part(x + row + c, count) * load_part(b + c, count);
        store_part(dx + row + c, of_dy + of_x + load_part(rest + c, count), count);
      });
    }
  });
}

// Resampling of images [N, H, W, C] along rows and columns, which is all that resizing is: each row of the result is a
// weighted sum of rows of the image, each column one of columns. Bilinear interpolation takes two of each, the nearest
// neighbour one. The gradient is the same with the weights transposed: for each row of the image, the rows of the result
// that it went into.
#include "channels.h"
#include "parallel.h"

struct Resize {
  int batch, height, width, channels, out_height, out_width;
};

// Which positions of an axis go into each position of the result, with which weights: entries [starts[i], starts[i + 1])
// for the position i. In memory the starts come first, then all sources, then all weights.
struct Taps {
  const Int32* starts;
  const Int32* sources;
  const float* weights;

  Taps(const Int32* table, int length)
      : starts(table), sources(table + length + 1), weights(reinterpret_cast<const float*>(sources + starts[length])) {}
};

// Elements for which it pays to call another thread.
constexpr Size kResizeGrain = 8192;

EXPORT(resize)(const float* x, float* y, const Resize* resize, const Int32* row_table, const Int32* column_table) {
  const Resize& r = *resize;
  const Taps rows(row_table, r.out_height), columns(column_table, r.out_width);
  const Size image_size = Size(r.height) * r.width * r.channels, out_row = Size(r.out_width) * r.channels;
  with_lanes(r.channels, [&](auto lanes) {
    using Vectors = decltype(lanes);
    const Size grain = kResizeGrain / maximum(out_row, Size(1));
    parallel_for(Size(r.batch) * r.out_height, grain, [&](Size begin, Size end) INLINE_LAMBDA {
      for (Size i = begin; i < end; i++) {
        const float* plane = x + i / r.out_height * image_size;
        const int row = static_cast<int>(i % r.out_height);
        float* pixel = y + i * out_row;
        for (int column = 0; column < r.out_width; column++, pixel += r.channels) {
          each_group<Vectors, 2>(r.channels, [&](auto times, int c) INLINE_LAMBDA {
            constexpr int number = decltype(times)::kNumber;
            typename Vectors::Floats sums[number] = {};
            for (int p = rows.starts[row]; p < rows.starts[row + 1]; p++) {
              const float* source = plane + Size(rows.sources[p]) * r.width * r.channels + c;
              typename Vectors::Floats row_sums[number] = {};
              for (int q = columns.starts[column]; q < columns.starts[column + 1]; q++) {
                const float* from = source + Size(columns.sources[q]) * r.channels;
                const auto weight = Vectors::splat(columns.weights[q]);
                unrolled<number>([&](int v) INLINE_LAMBDA {
                  row_sums[v] += Vectors::load(from + v * Vectors::kCount) * weight;
                });
              }
              const auto weight = Vectors::splat(rows.weights[p]);
              unrolled<number>([&](int v) INLINE_LAMBDA { sums[v] += row_sums[v] * weight; });
            }
            unrolled<number>([&](int v) INLINE_LAMBDA {
              Vectors::store(pixel + c + v * Vectors::kCount, sums[v]);
            });
          });
        }
      }
    });
  });
}

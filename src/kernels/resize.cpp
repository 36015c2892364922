// Resampling of images [N, H, W, C] along rows and columns, which is all that resizing is: each row of the result is a
// weighted sum of rows of the image, each column one of columns. Bilinear interpolation takes two of each, the nearest
// neighbour one. The gradient is the same with the weights transposed: for each row of the image, the rows of the result
// that it went into.
#include "axis_tables.h"
#include "parallel.h"

struct Resize {
  int batch, height, width, channels, out_height, out_width;
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
        resample_row<Vectors>(plane, y + i * out_row, r.width, r.channels, rows, row, columns, {0, r.out_width});
      }
    });
  });
}

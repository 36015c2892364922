// Means and maxima in the bins of regions of images [N, H, W, C], and their gradients: RoIAlign (He et al., "Mask R-CNN",
// 2017, section 3) and RoI pooling (Girshick, "Fast R-CNN", 2015, section 2.1).
//
// A mean of bilinear samples on a grid is a weighted sum of rows of pixels, each a weighted sum of pixels, with weights
// from two tables that have a position for each row or column of bins of each region. A maximum has tables of spans.
// In the gradients a thread has rows of the images and adds to them what all regions give, in the order of the regions.
#include "axis_tables.h"
#include "map.h"

// `count` regions of out_height x out_width bins.
struct Regions {
  int batch, height, width, channels, count, out_height, out_width;

  Size row_size() const { return Size(width) * channels; }
  Size image_size() const { return height * row_size(); }
  Size out_row_size() const { return Size(out_width) * channels; }
  Size out_rows() const { return Size(count) * out_height; }

  // The columns of bins of a region in the table.
  Span columns_of(Size region) const {
    const int first = static_cast<int>(region) * out_width;
    return {first, first + out_width};
  }
};

// Calls visit(region, row), with the row's number among those of all regions, for every row of bins.
template <class Visit>
INLINE void each_row_of_bins(const Regions& r, const Visit& visit) {
  parallel_for(r.out_rows(), grain_of(r.out_rows(), 4 * r.out_rows() * r.out_row_size()), [&](Size begin, Size end) {
    for (Size row = begin; row < end; row++) visit(row / r.out_height, row);
  });
}

// Calls visit(region, row, rows) for every row of bins, with the rows of its image that belong to the calling thread.
// These rows of dx are zero at first.
template <class Visit>
INLINE void each_row_of_gradient(const Regions& r, const int* images, float* dx, const Visit& visit) {
  const Size rows = Size(r.batch) * r.height;
  parallel_for(rows, grain_of(rows, rows * r.row_size() + 4 * r.out_rows() * r.out_row_size()), [&](Size begin, Size end) {
    fill(dx + begin * r.row_size(), 0, (end - begin) * r.row_size());
    for (int region = 0; region < r.count; region++) {
      const Size first = Size(images[region]) * r.height;
      if (first >= end || first + r.height <= begin) continue;
      const Span own = {static_cast<int>(maximum(begin, first) - first),
                        static_cast<int>(minimum(end, first + r.height) - first)};
      for (int i = 0; i < r.out_height; i++) visit(region, Size(region) * r.out_height + i, own);
    }
  });
}

// y[count, out_height, out_width, C]: weighted sums of the image images[region] of each region.
EXPORT(region_sums)(const float* x, float* y, const int* images, const Regions* regions, const Int32* row_table,
                    const Int32* column_table) {
  const Regions& r = *regions;
  const Taps rows(row_table, r.out_rows()), columns(column_table, Size(r.count) * r.out_width);
  with_lanes(r.channels, [&](auto lanes) {
    each_row_of_bins(r, [&](Size region, Size row) {
      resample_row<decltype(lanes)>(x + images[region] * r.image_size(), y + row * r.out_row_size(), r.width,
                                    r.channels, rows, row, columns, r.columns_of(region));
    });
  });
}

EXPORT(region_sums_gradient)(const float* dy, float* dx, const int* images, const Regions* regions,
                             const Int32* row_table, const Int32* column_table) {
  const Regions& r = *regions;
  const Taps rows(row_table, r.out_rows()), columns(column_table, Size(r.count) * r.out_width);
  each_row_of_gradient(r, images, dx, [&](Size region, Size row, Span own) {
    const Span bins = r.columns_of(region);
    for (int p = rows.starts[row]; p < rows.starts[row + 1]; p++) {
      if (rows.sources[p] < own.begin || rows.sources[p] >= own.end) continue;
      float* pixels = dx + images[region] * r.image_size() + rows.sources[p] * r.row_size();
      const float* bin = dy + row * r.out_row_size();
      for (int column = bins.begin; column < bins.end; column++, bin += r.channels) {
        for (int q = columns.starts[column]; q < columns.starts[column + 1]; q++) {
          accumulate_scaled(pixels + Size(columns.sources[q]) * r.channels, bin, rows.weights[p] * columns.weights[q],
                            r.channels);
        }
      }
    }
  });
}

// Largest elements and their places in the plane. NaN is no maximum, and where nothing is above the lowest number that
// stands for it, with place -1; a bin without pixels has 0 and place -1. So has Paddle.
static void maxima_of_bin(const float* plane, const Regions& r, Span rows, Span columns, float* y, Int32* places) {
  constexpr float kLowest = -__FLT_MAX__;
  const bool is_empty = rows.length() <= 0 || columns.length() <= 0;
  for (int c = 0; c < r.channels; c++) {
    y[c] = is_empty ? 0 : kLowest;
    places[c] = -1;
  }
  for (int i = rows.begin; i < rows.end; i++) {
    for (int j = columns.begin; j < columns.end; j++) {
      const float* pixel = plane + i * r.row_size() + Size(j) * r.channels;
      const IntVector here = splat_int(i * r.width + j);
      each_vector(r.channels, [&](Size c, int count) INLINE_LAMBDA {
        const Vector value = load_part(pixel + c, count), best = load_part(y + c, count);
        const IntVector wins = value > best;
        store_part(y + c, select(wins, value, best), count);
        store_part(places + c, select(wins, here, load_part(places + c, count)), count);
      });
    }
  }
}

// y and places [count, out_height, out_width, C]: the maxima of the bins, and where they were found.
EXPORT(region_maxima)(const float* x, float* y, Int32* places, const int* images, const Regions* regions,
                      const Span* rows, const Span* columns) {
  const Regions& r = *regions;
  each_row_of_bins(r, [&](Size region, Size row) {
    const Span bins = r.columns_of(region);
    Size bin = row * r.out_row_size();
    for (int column = bins.begin; column < bins.end; column++, bin += r.channels) {
      maxima_of_bin(x + images[region] * r.image_size(), r, rows[row], columns[column], y + bin, places + bin);
    }
  });
}

EXPORT(region_maxima_gradient)(const float* dy, const Int32* places, float* dx, const int* images,
                               const Regions* regions, const Span* rows) {
  const Regions& r = *regions;
  each_row_of_gradient(r, images, dx, [&](Size region, Size row, Span own) {
    if (rows[row].begin >= own.end || rows[row].end <= own.begin) return;
    float* plane = dx + images[region] * r.image_size();
    for (Size bin = row * r.out_row_size(); bin < (row + 1) * r.out_row_size(); bin += r.channels) {
      for (int c = 0; c < r.channels; c++) {
        const Int32 place = places[bin + c];
        if (place < own.begin * r.width || place >= own.end * r.width) continue;
        plane[Size(place) * r.channels + c] += dy[bin + c];
      }
    }
  });
}

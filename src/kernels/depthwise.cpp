// Depthwise convolution: every channel has a filter of its own (L. Sifre, "Rigid-motion scattering for image
// classification", 2014; A. Howard et al., "MobileNets", 2017). There is nothing to multiply as matrices; neighbouring
// channels fill the vectors instead.
//
// Images are [N, H, W, C], filters [kh, kw, C]. The tables of convolution.cpp say what each tap reads, for the convolution
// and for its input gradient alike.
#include "convolution.h"

// Vectors of channels that are computed together.
constexpr int kChannelVectors = 4;

// What a position of the result reads from the source.
struct DepthwiseTaps {
  TapAxis rows, columns;
  Size row_stride, column_stride;

  // Calls visit(tap, offset in the image) for the taps that lie inside the source.
  template <class Visit>
  void each(int row, int column, const Visit& visit) const {
    for (int a = 0; a < rows.taps; a++) {
      const int source_row = rows.source[row * rows.taps + a];
      if (source_row < 0) continue;
      for (int b = 0; b < columns.taps; b++) {
        const int source_column = columns.source[column * columns.taps + b];
        if (source_column < 0) continue;
        visit(a * columns.taps + b, source_row * row_stride + source_column * column_stride);
      }
    }
  }
};

// y[position, c] = sum over taps of x[tap's pixel, c] w[tap, c] (+ bias[c])
static void depthwise_products(const float* x, const float* filter, const float* bias, float* y, int batch,
                               int channels, const DepthwiseTaps& taps, Size image_size) {
  const int rows = taps.rows.positions, columns = taps.columns.positions;
  const Size work_per_row = Size(columns) * channels * taps.rows.taps * taps.columns.taps;
  parallel_for(Size(batch) * rows, kMultiplicationsPerThread / (work_per_row + 1) + 1, [&](Size begin, Size end) {
    for (Size index = begin; index < end; index++) {
      const int row = static_cast<int>(index % rows);
      const float* image = x + index / rows * image_size;
      for (int column = 0; column < columns; column++) {
        float* target = y + (index * columns + column) * channels;
        int c = 0;
        for (; c + kChannelVectors * kLanes <= channels; c += kChannelVectors * kLanes) {
          Vector sums[kChannelVectors];
          for (int v = 0; v < kChannelVectors; v++) sums[v] = bias ? load(bias + c + v * kLanes) : Vector{};
          taps.each(row, column, [&](int tap, Size offset) INLINE_LAMBDA {
            for (int v = 0; v < kChannelVectors; v++) {
              const int at = c + v * kLanes;
              sums[v] += load(image + offset + at) * load(filter + Size(tap) * channels + at);
            }
          });
          for (int v = 0; v < kChannelVectors; v++) store(target + c + v * kLanes, sums[v]);
        }
        for (; c < channels; c += kLanes) {
          const int count = minimum(kLanes, channels - c);
          Vector sum = bias ? load_part(bias + c, count) : Vector{};
          taps.each(row, column, [&](int tap, Size offset) INLINE_LAMBDA {
            sum += load_part(image + offset + c, count) * load_part(filter + Size(tap) * channels + c, count);
          });
          store_part(target + c, sum, count);
        }
      }
    }
  });
}

// `tables` as for the convolution.
EXPORT(depthwise_convolution)(const float* x, const float* filter, const float* bias, float* y, int* tables,
                              const Geometry* shape) {
  const Geometry& g = *shape;
  int* column_table = tables + axis_size(g.out_height, g.kernel_height);
  const DepthwiseTaps taps = {
      forward_axis(tables, g.out_height, g.kernel_height, g.stride_height, g.dilation_height, g.top, g.height),
      forward_axis(column_table, g.out_width, g.kernel_width, g.stride_width, g.dilation_width, g.left, g.width),
      Size(g.width) * g.channels, Size(g.channels)};
  depthwise_products(x, filter, bias, y, g.batch, g.channels, taps, Size(g.height) * g.width * g.channels);
}

// `tables` as for the input gradient of the convolution.
EXPORT(depthwise_input_gradient)(const float* dy, const float* filter, float* dx, int* tables,
                                 const Geometry* shape) {
  const Geometry& g = *shape;
  int* column_table = tables + axis_size(g.height, g.kernel_height);
  const DepthwiseTaps taps = {
      gradient_axis(tables, g.height, g.kernel_height, g.stride_height, g.dilation_height, g.top, g.out_height),
      gradient_axis(column_table, g.width, g.kernel_width, g.stride_width, g.dilation_width, g.left, g.out_width),
      Size(g.out_width) * g.channels, Size(g.channels)};
  depthwise_products(dy, filter, nullptr, dx, g.batch, g.channels, taps,
                     Size(g.out_height) * g.out_width * g.channels);
}

// dW[tap, c] = sum over images and positions of x[tap's pixel, c] dy[position, c]. Every thread sums over some of the
// images; `scratch` holds a filter for each of them. `tables` as for the convolution.
EXPORT(depthwise_filter_gradient)(const float* x, const float* dy, float* dfilter, int* tables, float* scratch,
                                  const Geometry* shape) {
  const Geometry& g = *shape;
  int* column_table = tables + axis_size(g.out_height, g.kernel_height);
  const TapAxis rows =
      forward_axis(tables, g.out_height, g.kernel_height, g.stride_height, g.dilation_height, g.top, g.height);
  const TapAxis columns =
      forward_axis(column_table, g.out_width, g.kernel_width, g.stride_width, g.dilation_width, g.left, g.width);
  const int taps = g.kernel_height * g.kernel_width;
  const Size filter_size = Size(taps) * g.channels;
  const Size image_size = Size(g.height) * g.width * g.channels;
  const Size result_size = Size(g.out_height) * g.out_width * g.channels;
  const int parts = parts_of(g.batch, kMultiplicationsPerThread / (result_size * taps + 1) + 1);
  parallel(parts, [&](int part) {
    float* sums = parts == 1 ? dfilter : scratch + part * filter_size;
    fill(sums, 0, filter_size);
    const Range images = Grid::range(part, parts, g.batch, 1);
    for (int image = images.begin; image < images.end; image++) {
      for (int tap = 0; tap < taps; tap++) {
        const int* source_rows = rows.source + tap / g.kernel_width;
        const int* source_columns = columns.source + tap % g.kernel_width;
        for (int c = 0; c < g.channels; c += kLanes) {
          const int count = minimum(kLanes, g.channels - c);
          Vector sum = {};
          for (int row = 0; row < g.out_height; row++) {
            const int source_row = source_rows[row * rows.taps];
            if (source_row < 0) continue;
            const float* source = x + image * image_size + Size(source_row) * g.width * g.channels + c;
            const float* gradient = dy + image * result_size + Size(row) * g.out_width * g.channels + c;
            // Sums of sums stay exact longer than one long sum.
            Vector row_sum = {};
            for (int column = 0; column < g.out_width; column++) {
              const int source_column = source_columns[column * columns.taps];
              if (source_column < 0) continue;
              row_sum += load_part(source + Size(source_column) * g.channels, count) *
                         load_part(gradient + Size(column) * g.channels, count);
            }
            sum += row_sum;
          }
          float* target = sums + Size(tap) * g.channels + c;
          store_part(target, load_part(target, count) + sum, count);
        }
      }
    }
  });
  if (parts == 1) return;
  copy(dfilter, scratch, filter_size);
  for (int part = 1; part < parts; part++) accumulate(dfilter, scratch + part * filter_size, filter_size);
}

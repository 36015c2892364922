// Pooling of images [N, H, W, C], and its gradients.
//
// A window is a span of rows and a span of columns, and comes from two tables. What lies in the padding is cut off, so
// that it neither wins a maximum nor is counted in a mean. Gradients have two tables, too: the windows that cover each
// row and each column of the image. So every element of a gradient is written by one thread, which adds up what the
// windows give in a fixed order.
#include "axis_tables.h"
#include "parallel.h"

struct Pooling {
  int batch, height, width, channels, out_height, out_width;

  Size image_size() const { return Size(height) * width * channels; }
  Size out_size() const { return Size(out_height) * out_width * channels; }
};

// Elements for which it pays to call another thread.
constexpr Size kPoolingGrain = 16384;

// Calls visit(image, row) for every row of every image. `size` is the number of elements that the rows of one image go
// through.
template <class Visit>
INLINE void each_row(int batch, int height, Size size, const Visit& visit) {
  const Size grain = kPoolingGrain * height / maximum(size, Size(1));
  parallel_for(Size(batch) * height, grain, [&](Size begin, Size end) INLINE_LAMBDA {
    for (Size i = begin; i < end; i++) visit(i / height, static_cast<int>(i % height));
  });
}

// The maxima of one window for some channels, and their places in the plane; -1 when the window is empty. A `Side` says
// that the window has as many rows and columns.
template <class Vectors, int Number, int Side>
INLINE void maximum_of_window(const float* plane, const Pooling& p, Span rows, Span columns, float* y, Int32* places) {
  constexpr int count = Vectors::kCount;
  if constexpr (Side > 0) {
    rows.end = rows.begin + Side;
    columns.end = columns.begin + Side;
  }
  typename Vectors::Floats best[Number];
  typename Vectors::Ints place[Number];
  const bool empty = rows.length() <= 0 || columns.length() <= 0;
  unrolled<Number>([&](int v) INLINE_LAMBDA {
    best[v] = Vectors::splat(-__builtin_inff());
    place[v] = Vectors::splat(empty ? -1 : rows.begin * p.width + columns.begin);
  });
#pragma GCC unroll 4
  for (int i = rows.begin; i < rows.end; i++) {
    const float* pixel = plane + (Size(i) * p.width + columns.begin) * p.channels;
#pragma GCC unroll 4
    for (int j = columns.begin; j < columns.end; j++, pixel += p.channels) {
      const auto here = Vectors::splat(i * p.width + j);
      unrolled<Number>([&](int v) INLINE_LAMBDA {
        // The first NaN wins over every number.
        const auto value = Vectors::load(pixel + v * count);
        const auto wins = ~(value <= best[v]) & (best[v] == best[v]);
        best[v] = wins ? value : best[v];
        place[v] = wins ? here : place[v];
      });
    }
  }
  unrolled<Number>([&](int v) INLINE_LAMBDA {
    Vectors::store(y + v * count, best[v]);
    Vectors::store(places + v * count, place[v]);
  });
}

// The maxima of one window for all channels.
template <class Vectors, int Side>
INLINE void maxima_of_window(const float* plane, const Pooling& p, Span rows, Span columns, float* y, Int32* places) {
  each_group<Vectors, 4>(p.channels, [&](auto times, int c) INLINE_LAMBDA {
    maximum_of_window<Vectors, decltype(times)::kNumber, Side>(plane + c, p, rows, columns, y + c, places + c);
  });
}

// y: the maxima; places: where in the H x W plane each was found, the first of equal ones.
EXPORT(max_pool)(const float* x, float* y, Int32* places, const Pooling* pooling, const Span* rows,
                 const Span* columns) {
  const Pooling& p = *pooling;
  with_lanes(p.channels, [&](auto lanes) {
    using Vectors = decltype(lanes);
    each_row(p.batch, p.out_height, p.image_size(), [&](Size image, int row) INLINE_LAMBDA {
      const float* plane = x + image * p.image_size();
      Size window = image * p.out_size() + Size(row) * p.out_width * p.channels;
      for (int column = 0; column < p.out_width; column++, window += p.channels) {
        const Span height = rows[row], width = columns[column];
        if (height.length() == 2 && width.length() == 2) {
          maxima_of_window<Vectors, 2>(plane, p, height, width, y + window, places + window);
        } else if (height.length() == 3 && width.length() == 3) {
          maxima_of_window<Vectors, 3>(plane, p, height, width, y + window, places + window);
        } else {
          maxima_of_window<Vectors, 0>(plane, p, height, width, y + window, places + window);
        }
      }
    });
  });
}

// dx for rows [begin, end) of an image, by adding dy at the places of the maxima.
static void scatter_maxima(const float* dy, const Int32* places, float* dx, const Pooling& p, int begin, int end,
                           Span windows) {
  fill(dx + Size(begin) * p.width * p.channels, 0, Size(end - begin) * p.width * p.channels);
  const Size row = Size(p.out_width) * p.channels;
  for (Size i = windows.begin * row; i < windows.end * row; i += p.channels) {
    for (int c = 0; c < p.channels; c++) {
      const Int32 place = places[i + c];
      if (place < begin * p.width || place >= end * p.width) continue;
      dx[Size(place) * p.channels + c] += dy[i + c];
    }
  }
}

// dx for one row of an image, by looking for each pixel in the windows that cover it.
static void gather_maxima(const float* dy, const Int32* places, float* dx, const Pooling& p, int row, Span windows,
                          const Span* columns) {
  using Vectors = Lanes<kLanes>;
  float* pixel = dx + Size(row) * p.width * p.channels;
  for (int column = 0; column < p.width; column++, pixel += p.channels) {
    const Span span = columns[column];
    const IntVector here = splat_int(row * p.width + column);
    each_group<Vectors, 4>(p.channels, [&](auto times, int c) INLINE_LAMBDA {
      constexpr int number = decltype(times)::kNumber;
      Vector sums[number] = {};
      for (int i = windows.begin; i < windows.end; i++) {
        Size window = (Size(i) * p.out_width + span.begin) * p.channels + c;
        for (int j = span.begin; j < span.end; j++, window += p.channels) {
          unrolled<number>([&](int v) INLINE_LAMBDA {
            const IntVector is_here = load(places + window + v * kLanes) == here;
            sums[v] += select(is_here, load(dy + window + v * kLanes), splat(0));
          });
        }
      }
      unrolled<number>([&](int v) INLINE_LAMBDA { store(pixel + c + v * kLanes, sums[v]); });
    });
  }
}

// dx: for each pixel and channel the sum of dy over the windows that have their maximum there.
EXPORT(max_pool_gradient)(const float* dy, const Int32* places, float* dx, const Pooling* pooling, const Span* rows,
                          const Span* columns) {
  const Pooling& p = *pooling;
  const Size row_size = Size(p.width) * p.channels;
  parallel_for(Size(p.batch) * p.height, kPoolingGrain / maximum(row_size, Size(1)), [&](Size begin, Size end) {
    for (Size i = begin; i < end;) {
      const Size image = i / p.height;
      const int first = static_cast<int>(i % p.height);
      const int last = static_cast<int>(minimum(Size(p.height), first + (end - i)));
      const float* image_dy = dy + image * p.out_size();
      const Int32* image_places = places + image * p.out_size();
      float* image_dx = dx + image * p.image_size();
      // Looking for maxima is faster than jumping to them if there are whole vectors to compare.
      if (p.channels >= 16) {
        for (int row = first; row < last; row++) {
          gather_maxima(image_dy, image_places, image_dx, p, row, rows[row], columns);
        }
      } else {
        const Span windows = {rows[first].begin, rows[last - 1].end};
        scatter_maxima(image_dy, image_places, image_dx, p, first, last, windows);
      }
      i += last - first;
    }
  });
}

// What the sum over a window is divided by: `divisor`, or the number of its elements when it is 0.
INLINE float divisor_of(float divisor, Span rows, Span columns) {
  return divisor > 0 ? divisor : static_cast<float>(rows.length() * columns.length());
}

EXPORT(average_pool)(const float* x, float* y, float divisor, const Pooling* pooling, const Span* rows,
                     const Span* columns) {
  const Pooling& p = *pooling;
  with_lanes(p.channels, [&](auto lanes) {
    using Vectors = decltype(lanes);
    each_row(p.batch, p.out_height, p.image_size(), [&](Size image, int row) INLINE_LAMBDA {
      const float* plane = x + image * p.image_size();
      float* window = y + image * p.out_size() + Size(row) * p.out_width * p.channels;
      for (int column = 0; column < p.out_width; column++, window += p.channels) {
        const Span span = columns[column];
        const auto count = Vectors::splat(divisor_of(divisor, rows[row], span));
        each_group<Vectors, 2>(p.channels, [&](auto times, int c) INLINE_LAMBDA {
          constexpr int number = decltype(times)::kNumber;
          typename Vectors::Floats sums[number] = {};
          for (int i = rows[row].begin; i < rows[row].end; i++) {
            const float* pixel = plane + (Size(i) * p.width + span.begin) * p.channels + c;
            for (int j = span.begin; j < span.end; j++, pixel += p.channels) {
              unrolled<number>([&](int v) INLINE_LAMBDA { sums[v] += Vectors::load(pixel + v * Vectors::kCount); });
            }
          }
          unrolled<number>([&](int v) INLINE_LAMBDA {
            Vectors::store(window + c + v * Vectors::kCount, sums[v] / count);
          });
        });
      }
    });
  });
}

// `rows` and `columns` are the windows, `row_windows` and `column_windows` those that cover each row and column of dx.
EXPORT(average_pool_gradient)(const float* dy, float* dx, float divisor, const Pooling* pooling, const Span* rows,
                              const Span* columns, const Span* row_windows, const Span* column_windows) {
  const Pooling& p = *pooling;
  const float fixed_share = 1 / divisor;
  with_lanes(p.channels, [&](auto lanes) {
    using Vectors = decltype(lanes);
    each_row(p.batch, p.height, p.image_size(), [&](Size image, int row) INLINE_LAMBDA {
      const float* plane = dy + image * p.out_size();
      float* pixel = dx + image * p.image_size() + Size(row) * p.width * p.channels;
      for (int column = 0; column < p.width; column++, pixel += p.channels) {
        const Span span = column_windows[column];
        each_group<Vectors, 4>(p.channels, [&](auto times, int c) INLINE_LAMBDA {
          constexpr int number = decltype(times)::kNumber;
          typename Vectors::Floats sums[number] = {};
          for (int i = row_windows[row].begin; i < row_windows[row].end; i++) {
            const float* window = plane + (Size(i) * p.out_width + span.begin) * p.channels + c;
            for (int j = span.begin; j < span.end; j++, window += p.channels) {
              const float share = divisor > 0 ? fixed_share : 1 / divisor_of(0, rows[i], columns[j]);
              unrolled<number>([&](int v) INLINE_LAMBDA {
                sums[v] += Vectors::load(window + v * Vectors::kCount) * Vectors::splat(share);
              });
            }
          }
          unrolled<number>([&](int v) INLINE_LAMBDA {
            Vectors::store(pixel + c + v * Vectors::kCount, sums[v]);
          });
        });
      }
    });
  });
}

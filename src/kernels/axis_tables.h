// Tables of what the positions along an axis of an image are made of.
#pragma once
#include "channels.h"

// A range of positions.
struct Span {
  int begin, end;

  int length() const { return end - begin; }
};

// Which positions of an axis go into each position of the result, with which weights: entries [starts[i], starts[i + 1])
// for the position i. In memory the starts come first, then all sources, then all weights.
struct Taps {
  const Int32* starts;
  const Int32* sources;
  const float* weights;

  Taps(const Int32* table, Size length)
      : starts(table), sources(table + length + 1), weights(reinterpret_cast<const float*>(sources + starts[length])) {}
};

// One row of pixels, y[columns.length(), channels]: weighted sums of those of a plane, the row `row` of the taps along
// one axis and each of `columns` of those along the other.
template <class Vectors>
__attribute__((noinline)) static void resample_row(const float* plane, float* y, int width, int channels,
                                                   const Taps& row_taps, Size row, const Taps& column_taps,
                                                   Span columns) {
  for (int column = columns.begin; column < columns.end; column++, y += channels) {
    each_group<Vectors, 2>(channels, [&](auto times, int c) INLINE_LAMBDA {
      constexpr int number = decltype(times)::kNumber;
      typename Vectors::Floats sums[number] = {};
      for (int p = row_taps.starts[row]; p < row_taps.starts[row + 1]; p++) {
        const float* source = plane + Size(row_taps.sources[p]) * width * channels + c;
        typename Vectors::Floats row_sums[number] = {};
        for (int q = column_taps.starts[column]; q < column_taps.starts[column + 1]; q++) {
          const float* from = source + Size(column_taps.sources[q]) * channels;
          const auto weight = Vectors::splat(column_taps.weights[q]);
          unrolled<number>([&](int v) INLINE_LAMBDA {
            row_sums[v] += Vectors::load(from + v * Vectors::kCount) * weight;
          });
        }
        const auto weight = Vectors::splat(row_taps.weights[p]);
        unrolled<number>([&](int v) INLINE_LAMBDA { sums[v] += row_sums[v] * weight; });
      }
      unrolled<number>([&](int v) INLINE_LAMBDA { Vectors::store(y + c + v * Vectors::kCount, sums[v]); });
    });
  }
}

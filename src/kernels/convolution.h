// What the kinds of convolution have in common: their geometry, and tables that say what each tap of a filter reads at
// each position of the result.
#pragma once
#include "matrix_multiply.h"

struct Geometry {
  int batch, height, width, channels;
  int kernel_height, kernel_width, out_channels;
  int stride_height, stride_width, dilation_height, dilation_width, groups;
  int top, left;
  int out_height, out_width;

  int group_channels() const { return channels / groups; }
  int group_outputs() const { return out_channels / groups; }
  // One tap that reads each pixel once: a product of matrices.
  bool is_pointwise() const {
    return kernel_height == 1 && kernel_width == 1 && stride_height == 1 && stride_width == 1 && top == 0 &&
           left == 0 && out_height == height && out_width == width;
  }
};

// One axis of a mapping between images: `positions` of the result, each with `taps` that read the source.
struct TapAxis {
  int positions, taps;
  // The positions in the order in which they are computed, [positions].
  const int* order;
  // Index in the source that a tap reads at a position, -1 where there is none, [positions][taps].
  const int* source;

  bool is_live(int tap) const {
    for (int p = 0; p < positions; p++) {
      if (source[p * taps + tap] >= 0) return true;
    }
    return false;
  }

  // Taps that read something at the position that is computed as number `index`.
  int live_taps(int index) const {
    int count = 0;
    for (int t = 0; t < taps; t++) count += source[order[index] * taps + t] >= 0;
    return count;
  }
};

INLINE Size axis_size(int positions, int taps) { return Size(positions) * (taps + 1); }

// Fills `table` for an axis of a convolution.
static TapAxis forward_axis(int* table, int positions, int taps, int stride, int dilation, int before, int length) {
  int* source = table + positions;
  for (int p = 0; p < positions; p++) {
    table[p] = p;
    for (int t = 0; t < taps; t++) {
      const int index = p * stride + t * dilation - before;
      source[p * taps + t] = index >= 0 && index < length ? index : -1;
    }
  }
  return {positions, taps, table, source};
}

// Fills `table` for an axis of the input gradient: positions are those of the input, sources those of the output. The
// positions of equal phase, which have their taps in common, follow each other.
static TapAxis gradient_axis(int* table, int positions, int taps, int stride, int dilation, int before, int length) {
  int* source = table + positions;
  for (int phase = 0, p = 0; phase < stride; phase++) {
    for (int i = phase; i < positions; i += stride) table[p++] = i;
  }
  for (int p = 0; p < positions; p++) {
    for (int t = 0; t < taps; t++) {
      const int offset = p + before - t * dilation, index = offset / stride;
      source[p * taps + t] = offset >= 0 && offset % stride == 0 && index < length ? index : -1;
    }
  }
  return {positions, taps, table, source};
}

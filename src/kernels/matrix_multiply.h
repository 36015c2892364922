// Matrix products by packing and blocking (K. Goto and R. van de Geijn, "Anatomy of high-performance matrix
// multiplication", ACM TOMS 34(3), 2008; the names are those of BLIS, F. Van Zee and R. van de Geijn, 2015).
//
// C[m, n] = A[m, k] B[k, n] is cut into blocks of kBlockDepth x kBlockColumns of B, packed once into column panels of
// kPanelColumns. For each kPanelRows rows, A is packed into a row panel that stays in the first-level cache, and the
// micro-kernel multiplies it with each column panel, keeping a tile of C in registers.
//
// What A is comes from a packing function: a matrix, its transpose, or patches of an image (see convolution.h), which
// are gathered while packing and never stored as a whole.
#pragma once
#include "vector.h"

constexpr int kPanelRows = 4;
constexpr int kPanelVectors = 2;
constexpr int kPanelColumns = kPanelVectors * kLanes;
constexpr int kBlockDepth = 256;
constexpr int kBlockColumns = 512;
// Row panels are row-major; the extra floats keep rows from competing for the same cache lines.
constexpr int kPanelStride = kBlockDepth + 16;

struct PackingBuffers {
  float rows[kPanelRows * kPanelStride] __attribute__((aligned(64)));
  float columns[kBlockDepth * (kBlockColumns + kPanelColumns)] __attribute__((aligned(64)));
};

static PackingBuffers packing;

// Where a tile of C goes.
struct Tile {
  float* origin;
  Size row_stride;
  int columns;
  bool accumulate;
};

// acc[Rows][kPanelVectors] += A panel x B panel over `depth`, then into C.
template <int Rows>
__attribute__((noinline)) static void micro_kernel(const float* a, const float* b, int depth, const Tile& tile) {
  Vector acc[Rows][kPanelVectors] = {};
  for (int k = 0; k < depth; k++, b += kPanelColumns) {
    const Vector b0 = load(b), b1 = load(b + kLanes);
#pragma clang loop unroll(full)
    for (int i = 0; i < Rows; i++) {
      const Vector value = splat(a[i * kPanelStride + k]);
      acc[i][0] += value * b0;
      acc[i][1] += value * b1;
    }
  }
  for (int i = 0; i < Rows; i++) {
    float* c = tile.origin + i * tile.row_stride;
    if (tile.columns == kPanelColumns) {
      for (int v = 0; v < kPanelVectors; v++) {
        const Vector before = tile.accumulate ? load(c + v * kLanes) : splat(0);
        store(c + v * kLanes, before + acc[i][v]);
      }
    } else {
      for (int j = 0; j < tile.columns; j++) {
        c[j] = (tile.accumulate ? c[j] : 0) + acc[i][j / kLanes][j % kLanes];
      }
    }
  }
}

INLINE void run_micro_kernel(int rows, const float* a, const float* b, int depth, const Tile& tile) {
  switch (rows) {
    case 1: return micro_kernel<1>(a, b, depth, tile);
    case 2: return micro_kernel<2>(a, b, depth, tile);
    case 3: return micro_kernel<3>(a, b, depth, tile);
    default: return micro_kernel<4>(a, b, depth, tile);
  }
}

// A matrix in memory, row-major, or transposed.
struct Matrix {
  const float* data;
  Size stride;
  bool transposed;

  float at(int row, int column) const {
    return transposed ? data[column * stride + row] : data[row * stride + column];
  }
};

// Packs rows [row, row + rows) and columns [depth, depth + length) of A into a row panel.
struct MatrixRows {
  Matrix matrix;

  void operator()(float* panel, int row, int rows, int depth, int length) const {
    if (!matrix.transposed) {
      for (int i = 0; i < rows; i++) {
        copy(panel + i * kPanelStride, matrix.data + (row + i) * matrix.stride + depth, length);
      }
      return;
    }
    for (int k = 0; k < length; k++) {
      const float* source = matrix.data + (depth + k) * matrix.stride + row;
      for (int i = 0; i < rows; i++) panel[i * kPanelStride + k] = source[i];
    }
  }
};

// Packs rows [depth, depth + length) and columns [column, column + columns) of B into column panels, the last one
// filled up with zeros.
static void pack_columns(float* target, const Matrix& b, int depth, int length, int column, int columns) {
  for (int j = 0; j < columns; j += kPanelColumns) {
    const int width = minimum(kPanelColumns, columns - j);
    for (int k = 0; k < length; k++, target += kPanelColumns) {
      if (width == kPanelColumns && !b.transposed) {
        const float* source = b.data + (depth + k) * b.stride + column + j;
        store(target, load(source));
        store(target + kLanes, load(source + kLanes));
        continue;
      }
      for (int i = 0; i < kPanelColumns; i++) target[i] = i < width ? b.at(depth + k, column + j + i) : 0;
    }
  }
}

// C[rows, columns] = A B, with A given by its packing function.
template <class PackRows>
static void multiply(int rows, int columns, int depth, const PackRows& pack_rows, const Matrix& b, float* c,
                     Size c_stride) {
  for (int j = 0; j < columns; j += kBlockColumns) {
    const int block_columns = minimum(kBlockColumns, columns - j);
    for (int k = 0; k == 0 || k < depth; k += kBlockDepth) {
      const int block_depth = minimum(kBlockDepth, depth - k);
      pack_columns(packing.columns, b, k, block_depth, j, block_columns);
      for (int i = 0; i < rows; i += kPanelRows) {
        const int panel_rows = minimum(kPanelRows, rows - i);
        pack_rows(packing.rows, i, panel_rows, k, block_depth);
        for (int p = 0; p < block_columns; p += kPanelColumns) {
          const Tile tile = {c + i * c_stride + j + p, c_stride, minimum(kPanelColumns, block_columns - p), k > 0};
          run_micro_kernel(panel_rows, packing.rows, packing.columns + p * block_depth, block_depth, tile);
        }
      }
    }
  }
}

// Matrix products by packing and blocking (K. Goto and R. van de Geijn, "Anatomy of high-performance matrix
// multiplication", ACM TOMS 34(3), 2008; the names are those of BLIS, F. Van Zee and R. van de Geijn, 2015).
//
// C[rows, columns] = A[rows, depth] B[depth, columns] is cut into blocks of B of at most kBlockDepth x kBlockColumns,
// which a thread packs into column panels that stay in its second-level cache. For each kTileRows rows, A is packed into
// a row panel that stays in the first-level cache, and the micro-kernel multiplies it with one column panel after the
// other, keeping a tile of C in registers.
//
// What A and B are is said by operands that know how to pack themselves: matrices, transposed matrices, or patches of
// images, which are gathered while packing and never stored as a whole (see convolution.cpp). An operand may leave out
// parts of the depth where a row panel has nothing but zeros; what is left are segments (the batch-reduce product of
// E. Georganas et al., "High-performance deep learning via a single building block", 2019).
#pragma once
#include "parallel.h"

// The register tile, kTileRows x kTileVectors vectors: as large as the registers of the instruction set allow.
#if defined(__AVX512F__)
constexpr int kTileRows = 14;
#elif defined(__AVX__)
constexpr int kTileRows = 6;
#elif defined(__aarch64__)
constexpr int kTileRows = 8;
#else
constexpr int kTileRows = 4;
#endif
constexpr int kTileVectors = 2;
constexpr int kTileColumns = kTileVectors * kLanes;
constexpr int kBlockDepth = 256;
constexpr int kBlockColumns = 512;
// Row panels are row-major; the extra floats keep rows from competing for the same cache lines.
constexpr int kPanelStride = kBlockDepth + 16;
constexpr int kDepthStride = (kTileRows + kLanes - 1) / kLanes * kLanes;

struct PackingBuffers {
  float rows[kDepthStride * kPanelStride] __attribute__((aligned(64)));
  float columns[kBlockDepth * (kBlockColumns + kTileColumns)] __attribute__((aligned(64)));
};

static thread_local PackingBuffers packing;

struct Range {
  int begin, end;
  int length() const { return end - begin; }
};

// A part of the depth that a row panel has: where it begins in the row panel and in the column panels.
struct Segment {
  int a, b, depth;
};

// How the rows of A lie in a row panel.
enum class PanelOrder {
  kRows,   // row by row, kPanelStride apart
  kDepth,  // all rows of a depth together, kDepthStride apart
};

// Where a tile goes: row i begins at origin + rows[i].
struct Tile {
  float* origin;
  const Size* rows;
  // Added to the product: the tile's present values, or one row for all rows, or null for nothing.
  bool accumulate;
  const float* bias;
};

// tile = sum over the segments of A panel x B panel (+ what is to be added).
template <PanelOrder Order, int Rows, int Vectors>
__attribute__((noinline)) static void micro_kernel(const float* a, const float* b, const Segment* segments, int count,
                                                   const Tile& tile) {
  constexpr int kColumns = Vectors * kLanes;
  // Only loops that are unrolled as a whole keep the tile in registers.
  Vector sums[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i++) {
    for (int v = 0; v < Vectors; v++) sums[i][v] = Vector{};
    __builtin_prefetch(tile.origin + tile.rows[i], 1);
    if (kColumns > 16) __builtin_prefetch(tile.origin + tile.rows[i] + kColumns - 1, 1);
  }
  for (; count > 0; count--, segments++) {
    const float* pa = a + segments->a * (Order == PanelOrder::kRows ? 1 : kDepthStride);
    const float* pb = b + Size(segments->b) * kColumns;
    for (int k = segments->depth; k > 0; k--) {
      Vector row[Vectors];
      for (int v = 0; v < Vectors; v++) row[v] = load(pb + v * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < Rows; i++) {
#if defined(__wasm__)
        // Keeps the load of each element beside its use: V8 has few vector registers and does not move loads.
        __asm__ volatile("" ::: "memory");
#endif
        const Vector element = splat(pa[Order == PanelOrder::kRows ? i * kPanelStride : i]);
        for (int v = 0; v < Vectors; v++) sums[i][v] += element * row[v];
      }
      pa += Order == PanelOrder::kRows ? 1 : kDepthStride;
      pb += kColumns;
    }
  }
  if (tile.accumulate) {
#pragma GCC unroll 16
    for (int i = 0; i < Rows; i++) {
      for (int v = 0; v < Vectors; v++) sums[i][v] += load(tile.origin + tile.rows[i] + v * kLanes);
    }
  } else if (tile.bias) {
#pragma GCC unroll 16
    for (int i = 0; i < Rows; i++) {
      for (int v = 0; v < Vectors; v++) sums[i][v] += load(tile.bias + v * kLanes);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i++) {
    for (int v = 0; v < Vectors; v++) store(tile.origin + tile.rows[i] + v * kLanes, sums[i][v]);
  }
}

using MicroKernel = void (*)(const float*, const float*, const Segment*, int, const Tile&);

// The micro-kernels for 1 to kTileRows rows and 1 to kTileVectors vectors.
template <PanelOrder Order>
struct MicroKernels {
  MicroKernel kernels[kTileVectors][kTileRows];

  template <int Rows = kTileRows>
  constexpr void add() {
    kernels[0][Rows - 1] = micro_kernel<Order, Rows, 1>;
    kernels[1][Rows - 1] = micro_kernel<Order, Rows, 2>;
    if constexpr (Rows > 1) add<Rows - 1>();
  }
  constexpr MicroKernels() : kernels() { add(); }
};

template <PanelOrder Order>
inline constexpr MicroKernels<Order> micro_kernels = {};

// A packed row panel: its rows and segments, and where its rows of the result begin.
struct RowPanel {
  int rows;
  const Segment* segments;
  int count;
  const Size* offsets;
};

// Multiplies the packed row panel with all packed column panels. Row i of the result begins at c + offsets[i].
template <PanelOrder Order>
static void multiply_panel(const RowPanel& a, int block_depth, int block_columns, float* c, bool accumulate,
                           const float* bias) {
  for (int j = 0; j < block_columns; j += kTileColumns) {
    const int width = minimum(kTileColumns, block_columns - j), vectors = width > kLanes ? 2 : 1;
    const MicroKernel run = micro_kernels<Order>.kernels[vectors - 1][a.rows - 1];
    const float* panel = packing.columns + Size(j) * block_depth;
    if (width == vectors * kLanes) {
      run(packing.rows, panel, a.segments, a.count, {c + j, a.offsets, accumulate, bias ? bias + j : nullptr});
      continue;
    }
    // At the right edge through a whole tile of its own.
    float edge[kTileRows * kTileColumns], edge_bias[kTileColumns];
    Size edge_rows[kTileRows];
    for (int i = 0; i < a.rows; i++) {
      edge_rows[i] = Size(i) * kTileColumns;
      if (accumulate) copy(edge + edge_rows[i], c + a.offsets[i] + j, width);
    }
    if (bias) copy(edge_bias, bias + j, width);
    run(packing.rows, panel, a.segments, a.count, {edge, edge_rows, accumulate, bias ? edge_bias : nullptr});
    for (int i = 0; i < a.rows; i++) copy(c + a.offsets[i] + j, edge + edge_rows[i], width);
  }
}

// Columns of the panel that begins `left` columns before the end of a block.
INLINE int panel_width(int left) { return left <= kLanes ? kLanes : kTileColumns; }

// Rows that packing asks the caches for in advance.
constexpr int kRowsAhead = 8;

// Floats that packing transposed rows asks for in advance: what the panels after this one take from the same line.
constexpr int kFloatsAhead = 28;

// Packs `depth` rows of B, found by source(k), each of `columns` neighbouring floats, into the column panels of a block
// of depth `block_depth`, from depth `first` on.
template <class Source>
INLINE void pack_columns(float* panels, int first, int depth, int block_depth, int columns, const Source& source) {
  for (int j = 0; j < columns; j += kTileColumns) {
    const int left = columns - j, width = panel_width(left);
    float* target = panels + Size(j) * block_depth + Size(first) * width;
    if (left >= kTileColumns) {
      for (int k = 0; k < depth; k++, target += kTileColumns) {
        const float* row = source(k) + j;
        // The next panel's part of this row, and a row to come: rows can be far from each other.
        const float* later = source(minimum(k + kRowsAhead, depth - 1)) + j;
        for (int v = 0; v < kTileVectors; v++) {
          __builtin_prefetch(row + kTileColumns + v * kLanes);
          if (j == 0) __builtin_prefetch(later + v * kLanes);
        }
        for (int v = 0; v < kTileVectors; v++) store(target + v * kLanes, load(row + v * kLanes));
      }
    } else if (left == kLanes) {
      for (int k = 0; k < depth; k++, target += kLanes) store(target, load(source(k) + j));
    } else {
      for (int k = 0; k < depth; k++, target += width) {
        copy(target, source(k) + j, left);
        for (int i = left; i < width; i++) target[i] = 0;
      }
    }
  }
}

// The same where B is transposed: column j begins at source + j * stride, its elements are neighbours.
INLINE void pack_transposed_columns(float* panels, int first, int depth, int block_depth, int columns,
                                    const float* source, Size stride) {
  for (int j = 0; j < columns; j += kTileColumns) {
    const int left = minimum(columns - j, kTileColumns), width = panel_width(columns - j);
    float* target = panels + Size(j) * block_depth + Size(first) * width;
    int i = 0;
    for (; i + 4 <= left; i += 4) {
      const float* column = source + (j + i) * stride;
      int k = 0;
      for (; k + 4 <= depth; k += 4) {
        store_transposed(target + Size(k) * width + i, width, load_quad(column + k), load_quad(column + stride + k),
                         load_quad(column + 2 * stride + k), load_quad(column + 3 * stride + k));
      }
      for (; k < depth; k++) {
        for (int lane = 0; lane < 4; lane++) target[Size(k) * width + i + lane] = column[lane * stride + k];
      }
    }
    for (; i < width; i++) {
      const float* column = source + (j + i) * stride;
      for (int k = 0; k < depth; k++) target[Size(k) * width + i] = i < left ? column[k] : 0;
    }
  }
}

// A matrix in memory, row-major, its rows `stride` floats apart.
struct Matrix {
  const float* data;
  Size stride;
  bool transposed;
};

// Length of equal pieces, each at most kBlockDepth long, that `depth` is cut into.
INLINE int piece_of_depth(int depth) {
  const int pieces = (depth + kBlockDepth - 1) / kBlockDepth;
  return pieces > 1 ? minimum(kBlockDepth, ((depth + pieces - 1) / pieces + 3) & ~3) : depth;
}

// How the result is divided between threads: into rows x columns parts.
struct Grid {
  int rows, columns;

  int parts() const { return rows * columns; }
  Range row_range(int part, int length, int unit) const { return range(part / columns, rows, length, unit); }
  Range column_range(int part, int length, int unit) const { return range(part % columns, columns, length, unit); }

  // Part `index` of `count` of [0, length), cut at multiples of `unit`.
  static Range range(int index, int count, int length, int unit) {
    const long long units = (length + unit - 1) / unit;
    return {minimum(length, static_cast<int>(units * index / count) * unit),
            minimum(length, static_cast<int>(units * (index + 1) / count) * unit)};
  }
};

// Multiplications below which a thread of its own does not pay.
constexpr double kMultiplicationsPerThread = 60000;

// The grid that gives the largest part the least to do: multiplications, and packing of both operands, which parts in
// the same column (row) of the grid repeat. Costs are in multiplications.
static Grid choose_grid(int rows, int columns, double depth) {
  const double work = double(rows) * columns * depth;
  const int threads = static_cast<int>(minimum(double(thread_count()), maximum(1.0, work / kMultiplicationsPerThread)));
  Grid best = {1, 1};
  double least = 0;
  for (int r = 1; r <= threads; r++) {
    const int c = threads / r;
    const double part_rows = Grid::range(r - 1, r, rows, kTileRows).length() + kTileRows / 2;
    const double part_columns = Grid::range(c - 1, c, columns, kTileColumns).length();
    const double packing_cost = 8 * part_rows * ((part_columns + kBlockColumns - 1) / kBlockColumns) + 12 * part_columns;
    const double cost = (part_rows * part_columns + packing_cost) * depth;
    if (r == 1 || cost < least) {
      least = cost;
      best = {r, c};
    }
  }
  return best;
}

// Left operand: rows of a matrix, or columns where it is transposed, packed into a row panel.
INLINE void pack_matrix_rows(float* panel, const Matrix& a, int row, int rows, int depth, int length) {
  if (a.transposed) {
    // A whole vector may write beyond the panel's rows.
    const bool whole = kDepthStride == kLanes && row + kLanes <= static_cast<int>(a.stride);
    for (int k = 0; k < length; k++) {
      const float* source = a.data + (depth + k) * a.stride + row;
      __builtin_prefetch(source + kFloatsAhead);
      if (whole) store(panel + k * kDepthStride, load(source));
      else copy(panel + k * kDepthStride, source, rows);
    }
  } else {
    for (int i = 0; i < rows; i++) copy(panel + i * kPanelStride, a.data + (row + i) * a.stride + depth, length);
  }
}

// c[rows, columns] = op(a) op(b) (+ bias for each column) for a part of the rows and columns.
static void multiply_part(const Matrix& a, const Matrix& b, int depth, float* c, Size c_stride, const float* bias,
                          Range rows, Range columns) {
  const int piece = piece_of_depth(depth);
  Size offsets[kTileRows];
  for (int j = columns.begin; j < columns.end; j += kBlockColumns) {
    const int block_columns = minimum(kBlockColumns, columns.end - j);
    for (int k = 0; k == 0 || k < depth; k += piece) {
      const int length = minimum(piece, depth - k);
      if (b.transposed) {
        pack_transposed_columns(packing.columns, 0, length, length, block_columns, b.data + j * b.stride + k, b.stride);
      } else {
        pack_columns(packing.columns, 0, length, length, block_columns,
                     [&](int row) INLINE_LAMBDA { return b.data + (k + row) * b.stride + j; });
      }
      const Segment segment = {0, 0, length};
      for (int i = rows.begin; i < rows.end; i += kTileRows) {
        const int panel_rows = minimum(kTileRows, rows.end - i);
        pack_matrix_rows(packing.rows, a, i, panel_rows, k, length);
        for (int r = 0; r < panel_rows; r++) offsets[r] = (i + r) * c_stride;
        const RowPanel panel = {panel_rows, &segment, 1, offsets};
        const float* added = k == 0 && bias ? bias + j : nullptr;
        if (a.transposed) multiply_panel<PanelOrder::kDepth>(panel, length, block_columns, c + j, k > 0, added);
        else multiply_panel<PanelOrder::kRows>(panel, length, block_columns, c + j, k > 0, added);
      }
    }
  }
}

// c[rows, columns] = op(a) op(b) (+ bias for each column)
static void multiply(const Matrix& a, const Matrix& b, int rows, int columns, int depth, float* c, Size c_stride,
                     const float* bias = nullptr) {
  const Grid grid = choose_grid(rows, columns, depth);
  parallel(grid.parts(), [&](int part) {
    multiply_part(a, b, depth, c, c_stride, bias, grid.row_range(part, rows, kTileRows),
                  grid.column_range(part, columns, kTileColumns));
  });
}

// Convolution with 3 x 3 filters and its input gradient by Winograd's minimal filtering F(2 x 2, 3 x 3); see winograd.h.
//
// The filters are transformed once for each call, into column panels of the matrix product. A thread goes through its
// tiles in blocks. It transforms the pixels of a block straight into the row panels of all positions, and then, for one
// column panel after the other, multiplies the positions and transforms the products back, with the bias added. Row
// panels and products of a block stay in the second-level cache, the filters are read once for each block.
//
// The input gradient is the same convolution, of the result's gradient with filters rotated by half a turn.
#include "channels.h"
#include "winograd.h"

// 3 x 3 filters as right operands, one for each tap: B[tap][depth, column].
struct SquareFilters {
  const float* data;
  int depth, columns;
  // For the input gradient: the taps in reverse order, and B[tap] the transpose of what is in memory.
  bool rotated;

  // Packs a part of the depth of a tap into the column panel that begins at a column.
  void pack(float* panel, int tap, int first, int length, int column) const {
    const float* source = data + Size(rotated ? 8 - tap : tap) * depth * columns;
    const int width = minimum(kTileColumns, columns - column);
    if (rotated) {
      pack_transposed_columns(panel, 0, length, length, width, source + Size(column) * depth + first, depth);
    } else {
      pack_columns(panel, 0, length, length, width,
                   [&](int k) INLINE_LAMBDA { return source + Size(first + k) * columns + column; });
    }
  }

  // Where the transformed filters have the column panel that begins at a column: the positions one after the other.
  Size panel(int column) const { return Size(column) * kPositions * depth; }
};

// Transforms the 3 x 3 taps of a filter: rows of
//    1   0   0
//   1/2 1/2 1/2
//   1/2 -1/2 1/2
//    0   0   1
// times the taps times the transposed matrix.
INLINE void transform_taps(const Vector (&g)[9], Vector (&u)[kPositions]) {
  const Vector half = splat(0.5f);
  Vector t[12];
  for (int j = 0; j < 3; j++) {
    const Vector ends = (g[j] + g[6 + j]) * half, middle = g[3 + j] * half;
    t[j] = g[j];
    t[3 + j] = ends + middle;
    t[6 + j] = ends - middle;
    t[9 + j] = g[6 + j];
  }
  for (int i = 0; i < 4; i++) {
    const Vector ends = (t[3 * i] + t[3 * i + 2]) * half, middle = t[3 * i + 1] * half;
    u[4 * i] = t[3 * i];
    u[4 * i + 1] = ends + middle;
    u[4 * i + 2] = ends - middle;
    u[4 * i + 3] = t[3 * i + 2];
  }
}

// Rows of the depth that are transformed at a time: their taps stay in the first-level cache.
constexpr int kFilterRows = 16;

// Transforms filters into `transformed`, as column panels.
static void transform_filters(const SquareFilters& filters, float* transformed) {
  const int panels = (filters.columns + kTileColumns - 1) / kTileColumns;
  const int pieces = (filters.depth + kFilterRows - 1) / kFilterRows;
  parallel_for(Size(panels) * pieces, 8, [&](Size begin, Size end) {
    for (Size unit = begin; unit < end; unit++) {
      const int column = static_cast<int>(unit / pieces) * kTileColumns;
      const int first = static_cast<int>(unit % pieces) * kFilterRows;
      const int length = minimum(kFilterRows, filters.depth - first), width = panel_width(filters.columns - column);
      const Size tap_size = Size(length) * width, position_size = Size(filters.depth) * width;
      for (int tap = 0; tap < 9; tap++) {
        filters.pack(packing.columns + tap * tap_size, tap, first, length, column);
      }
      float* target = transformed + filters.panel(column) + Size(first) * width;
      for (Size i = 0; i < tap_size; i += kLanes) {
        Vector g[9], u[kPositions];
        for (int tap = 0; tap < 9; tap++) g[tap] = load(packing.columns + tap * tap_size + i);
        transform_taps(g, u);
        for (int p = 0; p < kPositions; p++) store(target + p * position_size + i, u[p]);
      }
    }
  });
}

// How a block of transformed tiles lies in packing.columns: row panels, then the products for one column panel. A row
// of a row panel holds the channels of as many positions as fit.
struct BlockLayout {
  // Channels, those of a piece of the depth.
  int depth;
  // Positions in a row of a row panel, and row panels for all positions.
  int positions_per_row, panels;
  // Row panels of different tiles side by side.
  int groups;

  explicit BlockLayout(int depth) : depth(depth), positions_per_row(minimum(kPositions, kBlockDepth / depth)) {
    panels = (kPositions + positions_per_row - 1) / positions_per_row;
    const Size room = sizeof packing.columns / sizeof(float);
    groups = static_cast<int>(room / (kTileRows * (Size(panels) * kPanelStride + kPositions * kTileColumns)));
  }

  // Most tiles of a block.
  int tiles() const { return groups * kTileRows; }

  // Where the channels of a tile and a position begin.
  float* row(int tile, int position) const {
    const Size panel = Size(position / positions_per_row) * groups + tile / kTileRows;
    return packing.columns + (panel * kTileRows + tile % kTileRows) * kPanelStride + position % positions_per_row * depth;
  }

  // The products of a tile and a position.
  float* products(int tile, int position) const {
    return packing.columns + Size(panels) * groups * kTileRows * kPanelStride +
           (Size(position) * tiles() + tile) * kTileColumns;
  }
};

static_assert(sizeof packing.columns / sizeof(float) >= Size(kTileRows) * kPositions * (kPanelStride + kTileColumns));

// Transforms the pixels of tiles, from channel `first` on, into the row panels of a block.
static void pack_tiles(const TiledImages& x, int first, TileWalk walk, int count, const BlockLayout& layout) {
  const float* pixels[kPositions];
  float* targets[kPositions];
  for (int tile = 0; tile < count; tile++, walk.advance()) {
    for (int i = 0; i < 4; i++) x.find_row(walk, i, 4, pixels + 4 * i);
    for (int p = 0; p < kPositions; p++) targets[p] = layout.row(tile, p);
    with_lanes(layout.depth, [&](auto lanes) INLINE_LAMBDA {
      using Lanes = decltype(lanes);
      each_group<Lanes, 1>(layout.depth, [&](auto, int c) INLINE_LAMBDA {
        typename Lanes::Floats d[kPositions], v[kPositions];
        for (int p = 0; p < kPositions; p++) d[p] = lanes.load(pixels[p] + first + c);
        transform_pixels(d, v);
        for (int p = 0; p < kPositions; p++) lanes.store(targets[p] + c, v[p]);
      });
    });
  }
}

// Multiplies the row panels of all positions with a column panel of the filters, in which the positions are
// `position_size` floats apart.
static void multiply_positions(const BlockLayout& layout, int count, const float* panel, Size position_size, int width) {
  Size offsets[kTileRows];
  for (int i = 0; i < kTileRows; i++) offsets[i] = Size(i) * kTileColumns;
  const auto& kernels = micro_kernels<PanelOrder::kRows>.kernels[width / kLanes - 1];
  const Segment segment = {0, 0, layout.depth};
  for (int p = 0; p < kPositions; p++, panel += position_size) {
    for (int tile = 0; tile < count; tile += kTileRows) {
      kernels[minimum(kTileRows, count - tile) - 1](layout.row(tile, p), panel, &segment, 1,
                                                    {layout.products(tile, p), offsets, false, nullptr});
    }
  }
}

// Transforms products into the 2 x 2 pixels of a tile: rows of
//   1  1  1  0
//   0  1 -1 -1
// times the products times the transposed matrix.
INLINE void transform_products(const Vector (&m)[kPositions], Vector (&y)[4]) {
  Vector t[8];
  for (int j = 0; j < 4; j++) {
    t[j] = m[j] + m[4 + j] + m[8 + j];
    t[4 + j] = m[4 + j] - m[8 + j] - m[12 + j];
  }
  for (int i = 0; i < 2; i++) {
    y[2 * i] = t[4 * i] + t[4 * i + 1] + t[4 * i + 2];
    y[2 * i + 1] = t[4 * i + 1] - t[4 * i + 2] - t[4 * i + 3];
  }
}

// The images that tiles are written to.
struct TiledResult {
  float* data;
  int height, width, channels;
  const float* bias;
};

// Transforms the products of tiles into `width` channels of their pixels, from `column` on, and adds the pixels' present
// values or the bias.
static void unpack_tiles(const TiledResult& y, TileWalk walk, int count, const BlockLayout& layout, int column,
                         int width, bool accumulate) {
  float outside[kTileColumns] = {};
  float* pixels[4];
  for (int tile = 0; tile < count; tile++, walk.advance()) {
    for (int i = 0; i < 4; i++) {
      const int row = walk.row * kTileStep + i / 2, pixel = walk.column * kTileStep + i % 2;
      const bool inside = row < y.height && pixel < y.width;
      pixels[i] =
          inside ? y.data + ((Size(walk.image) * y.height + row) * y.width + pixel) * y.channels + column : outside;
    }
    each_vector(width, [&](Size c, int lanes) INLINE_LAMBDA {
      Vector m[kPositions], result[4];
      for (int p = 0; p < kPositions; p++) m[p] = load(layout.products(tile, p) + c);
      transform_products(m, result);
      const Vector bias = y.bias ? load_part(y.bias + column + c, lanes) : Vector{};
      for (int i = 0; i < 4; i++) {
        store_part(pixels[i] + c, result[i] + (accumulate ? load_part(pixels[i] + c, lanes) : bias), lanes);
      }
    });
  }
}

// y = x * filters (+ bias) for a block of tiles and a part of the columns.
static void convolve_block(const TiledImages& x, const float* filters, const TiledResult& y, const TileWalk& walk,
                           int count, Range columns) {
  const int piece = piece_of_depth(x.channels);
  for (int channel = 0; channel < x.channels; channel += piece) {
    const BlockLayout layout(minimum(piece, x.channels - channel));
    pack_tiles(x, channel, walk, count, layout);
    for (int j = columns.begin; j < columns.end; j += kTileColumns) {
      const int left = columns.end - j, width = panel_width(left);
      const float* panel = filters + Size(j) * kPositions * x.channels + Size(channel) * width;
      multiply_positions(layout, count, panel, Size(x.channels) * width, width);
      unpack_tiles(y, walk, count, layout, j, minimum(kTileColumns, left), channel > 0);
    }
  }
}

// Floats of transformed filters that all tiles are multiplied with before the next ones: they stay in the third-level
// cache.
constexpr int kFilterBlock = 1 << 19;

// y = x * filters (+ bias) for a part of the tiles and columns.
static void convolve_tiles(const TiledImages& x, const float* filters, const TiledResult& y, const Tiles& tiles,
                           Range range, Range columns) {
  const int most = BlockLayout(piece_of_depth(x.channels)).tiles();
  const int panels = maximum(1, kFilterBlock / (kPositions * kTileColumns * x.channels));
  for (int j = columns.begin; j < columns.end; j += panels * kTileColumns) {
    const Range block = {j, minimum(j + panels * kTileColumns, columns.end)};
    for (int first = range.begin; first < range.end; first += most) {
      convolve_block(x, filters, y, TileWalk(tiles, first), minimum(most, range.end - first), block);
    }
  }
}

static void convolve_by_tiles(const TiledImages& x, const SquareFilters& filters, const TiledResult& y, int batch,
                              float* transformed) {
  transform_filters(filters, transformed);
  const Tiles tiles(batch, y.height, y.width);
  const Grid grid = choose_grid(tiles.count(), filters.columns, double(kPositions) * filters.depth);
  parallel(grid.parts(), [&](int part) {
    convolve_tiles(x, transformed, y, tiles, grid.row_range(part, tiles.count(), kTileRows),
                   grid.column_range(part, filters.columns, kTileColumns));
  });
}

// y = x * W (+ bias). `transformed` has place for the transformed filters: 16 x channels x outputs floats, where the
// outputs are rounded up to whole panels.
EXPORT(winograd_convolution)(const float* x, const float* filter, const float* bias, float* y, float* transformed,
                             const Geometry* shape) {
  const Geometry& g = *shape;
  convolve_by_tiles({x, g.height, g.width, g.channels, g.top, g.left}, {filter, g.channels, g.out_channels, false},
                    {y, g.out_height, g.out_width, g.out_channels, bias}, g.batch, transformed);
}

// dx = dy * rotated W. `transformed` as above, with channels and outputs exchanged.
EXPORT(winograd_input_gradient)(const float* dy, const float* filter, float* dx, float* transformed,
                                const Geometry* shape) {
  const Geometry& g = *shape;
  convolve_by_tiles({dy, g.out_height, g.out_width, g.out_channels, 2 - g.top, 2 - g.left},
                    {filter, g.out_channels, g.channels, true}, {dx, g.height, g.width, g.channels, nullptr}, g.batch,
                    transformed);
}

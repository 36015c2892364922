// Filter gradient of convolution with 3 x 3 filters by Winograd's minimal filtering F(3 x 3, 2 x 2); see winograd.h.
//
// Here the 2 x 2 pixels of a tile of the result's gradient are the filter, which moves over the tile's 4 x 4 pixels of
// the images to 3 x 3 places. The products of the two transforms are summed over all tiles: for each of the 16
// positions a product of matrices, images^T [channels, tiles] times gradient [tiles, outputs]. The sums are transformed
// into 3 x 3 taps once, at the end.
//
// A thread computes a block of channels x outputs for the four positions of a row at a time, whose sums stay in the
// second-level cache while it goes through the tiles, some at a time: it transforms their pixels straight into the row
// panels and column panels of the products. A row of positions needs no more than two rows of a tile's pixels.
#include "winograd.h"

// Positions in a row of a transformed tile, and their rows.
constexpr int kRowPositions = 4;
// Channels (in row panels) and outputs (in column panels) of a block, and tiles that are multiplied at a time.
constexpr int kBlockRowPanels = 140 / kTileRows;
constexpr int kBlockColumnPanels = 128 / kTileColumns;
constexpr int kTilesAtOnce = 48;
// Tiles that are gone through once for each row of positions: their pixels stay in the third-level cache.
constexpr int kTileGroup = 1024;
constexpr int kSumTile = kTileRows * kTileColumns;

// A block of channels x outputs in packing.columns, for a row of positions: the sums, tile of registers by tile of
// registers, and the panels of both operands.
struct GradientBlock {
  Range channels, outputs;
  int row_panels, column_panels;

  GradientBlock(Range channels, Range outputs)
      : channels(channels),
        outputs(outputs),
        row_panels((channels.length() + kTileRows - 1) / kTileRows),
        column_panels((outputs.length() + kTileColumns - 1) / kTileColumns) {}

  float* sums(int position, int row_panel, int column_panel) const {
    return packing.columns + ((Size(position) * column_panels + column_panel) * row_panels + row_panel) * kSumTile;
  }
  float* rows(int position, int panel) const {
    return sums(kRowPositions, 0, 0) + (Size(position) * row_panels + panel) * kTilesAtOnce * kDepthStride;
  }
  float* columns(int position, int panel) const {
    return rows(kRowPositions, 0) + (Size(position) * column_panels + panel) * kTilesAtOnce * kTileColumns;
  }
};

static_assert(sizeof packing.columns / sizeof(float) >=
              Size(kRowPositions) *
                  (kBlockRowPanels * kBlockColumnPanels * kSumTile +
                   kTilesAtOnce * (kBlockRowPanels * kDepthStride + kBlockColumnPanels * kTileColumns)));

// A row of a transform's matrix: one row of pixels, plus or minus another one where there is a `sign`.
struct RowOfTransform {
  int first, second;
  float sign;
};

// The matrix of transform_pixels.
constexpr RowOfTransform kPixelRows[] = {{0, 2, -1}, {1, 2, 1}, {2, 1, -1}, {1, 3, -1}};

// The matrix that the 2 x 2 pixels of the gradient are transformed with. The factors 1/2 that belong to the rows in the
// middle are left to the transform of the sums.
constexpr RowOfTransform kGradientRows[] = {{0, 0, 0}, {0, 1, 1}, {0, 1, -1}, {1, 1, 0}};

// The pixels of tiles that a row of positions depends on: those of two rows. Whole vectors may be read from each.
template <int Side>
class PixelRows {
 public:
  PixelRows(const TiledImages& images, int batch, const RowOfTransform& transform)
      : images_(images),
        end_(images.data + Size(batch) * images.height * images.width * images.channels),
        transform_(transform) {}

  // Finds the pixels of a tile, which stay valid until the next call.
  INLINE_LAMBDA void find(const TileWalk& at) {
    images_.find_row(at, transform_.first, Side, pixels_);
    images_.find_row(at, transform_.second, Side, pixels_ + Side);
    for (int i = 0; i < 2 * Side; i++) {
      if (pixels_[i] == zero_pixel || end_ - pixels_[i] >= images_.channels + kTileColumns) continue;
      // Vectors would reach beyond the last image.
      copy(copies_[i], pixels_[i], images_.channels);
      pixels_[i] = copies_[i];
    }
  }

  // The sums or differences of the two rows for a vector of channels.
  INLINE_LAMBDA void combine(int channel, Vector (&t)[Side]) const {
    const Vector sign = splat(transform_.sign);
    for (int j = 0; j < Side; j++) {
      t[j] = load(pixels_[j] + channel);
      if (transform_.sign != 0) t[j] += sign * load(pixels_[Side + j] + channel);
    }
  }

 private:
  const TiledImages& images_;
  const float* end_;
  const RowOfTransform transform_;
  const float* pixels_[2 * Side];
  float copies_[2 * Side][kWinogradLimit + kTileColumns];
};

// Transforms the pixels of tiles into the row panels of a block, and those of the gradient into its column panels.
static void pack_gradient_tiles(PixelRows<4>& x, PixelRows<2>& dy, TileWalk walk, int count,
                                const GradientBlock& block) {
  for (int tile = 0; tile < count; tile++, walk.advance()) {
    x.find(walk);
    for (int panel = 0; panel < block.row_panels; panel++) {
      for (int c = 0; c < kDepthStride; c += kLanes) {
        Vector t[4];
        x.combine(block.channels.begin + panel * kTileRows + c, t);
        const Vector v[kRowPositions] = {t[0] - t[2], t[1] + t[2], t[2] - t[1], t[1] - t[3]};
        for (int p = 0; p < kRowPositions; p++) store(block.rows(p, panel) + tile * kDepthStride + c, v[p]);
      }
    }
    dy.find(walk);
    for (int panel = 0; panel < block.column_panels; panel++) {
      const int output = panel * kTileColumns, width = panel_width(block.outputs.length() - output);
      for (int c = 0; c < width; c += kLanes) {
        Vector t[2];
        dy.combine(block.outputs.begin + output + c, t);
        const Vector d[kRowPositions] = {t[0], t[0] + t[1], t[0] - t[1], t[1]};
        for (int p = 0; p < kRowPositions; p++) store(block.columns(p, panel) + tile * width + c, d[p]);
      }
    }
  }
}

// Adds the products of the panels to the sums of a block.
static void multiply_gradient_tiles(const GradientBlock& block, int count, bool accumulate) {
  Size offsets[kTileRows];
  for (int i = 0; i < kTileRows; i++) offsets[i] = Size(i) * kTileColumns;
  const Segment segment = {0, 0, count};
  for (int p = 0; p < kRowPositions; p++) {
    for (int column = 0; column < block.column_panels; column++) {
      const int width = panel_width(block.outputs.length() - column * kTileColumns);
      const auto& kernels = micro_kernels<PanelOrder::kDepth>.kernels[width / kLanes - 1];
      for (int row = 0; row < block.row_panels; row++) {
        const int rows = minimum(kTileRows, block.channels.length() - row * kTileRows);
        kernels[rows - 1](block.rows(p, row), block.columns(p, column), &segment, 1,
                          {block.sums(p, row, column), offsets, accumulate, nullptr});
      }
    }
  }
}

// The filter's gradient, dW [9][channels][outputs].
struct FilterResult {
  float* data;
  int channels, outputs;

  Size size() const { return Size(9) * channels * outputs; }
};

// Adds what the sums of a row of positions give to a block of dW. Both the positions of a row and the rows are
// transformed into 3 taps: rows of
//   1 1/2  1/2  0
//   0 1/2 -1/2  0
//   0 1/2  1/2 -1
// times the sums.
static void add_sums(const GradientBlock& block, int position_row, bool accumulate, const FilterResult& result) {
  constexpr float kFactors[3][kRowPositions] = {{1, 0.5f, 0.5f, 0}, {0, 0.5f, -0.5f, 0}, {0, 0.5f, 0.5f, -1}};
  const Vector half = splat(0.5f);
  const Size tap_size = Size(result.channels) * result.outputs;
  for (int c = 0; c < block.channels.length(); c++) {
    for (int column = 0; column < block.column_panels; column++) {
      const int first = column * kTileColumns;
      float* target =
          result.data + Size(block.channels.begin + c) * result.outputs + block.outputs.begin + first;
      each_vector(minimum(kTileColumns, block.outputs.length() - first), [&](Size o, int lanes) INLINE_LAMBDA {
        Vector m[kRowPositions];
        for (int p = 0; p < kRowPositions; p++) {
          m[p] = load(block.sums(p, c / kTileRows, column) + c % kTileRows * kTileColumns + o);
        }
        const Vector middle = (m[1] + m[2]) * half;
        const Vector taps[3] = {m[0] + middle, (m[1] - m[2]) * half, middle - m[3]};
        for (int tap = 0; tap < 9; tap++) {
          const float factor = kFactors[tap / 3][position_row];
          if (factor == 0 && accumulate) continue;
          float* to = target + tap * tap_size + o;
          const Vector before = accumulate ? load_part(to, lanes) : Vector{};
          store_part(to, factor == 0 ? before : before + taps[tap % 3] * splat(factor), lanes);
        }
      });
    }
  }
}

// Computes a part of dW from a part of the tiles.
static void add_gradient_tiles(const TiledImages& x, const TiledImages& dy, const Tiles& tiles, Range range,
                               Range channels, Range outputs, const FilterResult& result) {
  const GradientBlock block(channels, outputs);
  for (int group = range.begin; group < range.end; group += kTileGroup) {
    const int end = minimum(group + kTileGroup, range.end);
    for (int row = 0; row < kPositions / kRowPositions; row++) {
      PixelRows<4> image_rows(x, tiles.batch, kPixelRows[row]);
      PixelRows<2> gradient_rows(dy, tiles.batch, kGradientRows[row]);
      for (int first = group; first < end; first += kTilesAtOnce) {
        const int count = minimum(kTilesAtOnce, end - first);
        pack_gradient_tiles(image_rows, gradient_rows, TileWalk(tiles, first), count, block);
        multiply_gradient_tiles(block, count, first > group);
      }
      add_sums(block, row, row > 0 || group > range.begin, result);
    }
  }
}

// Calls body(range) for about equal ranges that make up a range, of at most `panels` panels of `unit` each.
template <class Body>
INLINE void each_block(Range range, int unit, int panels, const Body& body) {
  const int blocks = (range.length() + unit * panels - 1) / (unit * panels);
  for (int i = 0; i < blocks; i++) {
    const Range part = Grid::range(i, blocks, range.length(), unit);
    body(Range{range.begin + part.begin, range.begin + part.end});
  }
}

// dW = sum over the tiles. They are cut into `parts` (1 for none) whose results are added up: `scratch` holds that many
// filters.
EXPORT(winograd_filter_gradient)(const float* x, const float* dy, float* dfilter, float* scratch, int parts,
                                 const Geometry* shape) {
  const Geometry& g = *shape;
  const TiledImages images = {x, g.height, g.width, g.channels, g.top, g.left};
  const TiledImages gradient = {dy, g.out_height, g.out_width, g.out_channels, 0, 0};
  const Tiles tiles(g.batch, g.out_height, g.out_width);
  const FilterResult whole = {dfilter, g.channels, g.out_channels};
  Grid grid = {1, 1};
  if (parts == 1) grid = choose_grid(g.channels, g.out_channels, double(kPositions) * tiles.count());
  parallel(grid.parts() * parts, [&](int part) {
    const int cell = part % grid.parts(), tile_part = part / grid.parts();
    const Range range = Grid::range(tile_part, parts, tiles.count(), 1);
    const FilterResult result = {parts == 1 ? dfilter : scratch + tile_part * whole.size(), g.channels, g.out_channels};
    each_block(grid.row_range(cell, g.channels, kTileRows), kTileRows, kBlockRowPanels, [&](Range channels) {
      each_block(grid.column_range(cell, g.out_channels, kTileColumns), kTileColumns, kBlockColumnPanels,
                 [&](Range outputs) { add_gradient_tiles(images, gradient, tiles, range, channels, outputs, result); });
    });
  });
  if (parts == 1) return;
  parallel_for(whole.size(), 4096, [&](Size begin, Size end) {
    copy(dfilter + begin, scratch + begin, end - begin);
    for (int part = 1; part < parts; part++) {
      accumulate(dfilter + begin, scratch + part * whole.size() + begin, end - begin);
    }
  });
}

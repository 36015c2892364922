// Two-dimensional convolution of images [N, H, W, C] with filters [kh, kw, C / groups, O] and its two gradients, as
// matrix products over patches (K. Chellapilla et al., "High performance convolutional neural networks for document
// processing", 2006) that are gathered while packing (S. Chetlur et al., "cuDNN: efficient primitives for deep
// learning", 2014).
//
// Rows of the patch matrix are ordered by pixel first and by image second: a row panel then sees one pixel position of
// several images, so that the taps of the filter that lie in the padding there, or between the steps of a stride, are
// left out for the whole panel. Two small tables say which row (column) of the source each tap of each position reads;
// with them the input gradient is the same product as the convolution itself.
#include "convolution.h"

// A patch matrix: for every position of every image the runs of its taps, each `run_length` neighbouring floats.
struct Patches {
  const float* data;
  Size image_stride, row_stride, column_stride;
  TapAxis rows, columns;
  int batch, run_length;

  int taps() const { return rows.taps * columns.taps; }
  int length() const { return rows.positions * columns.positions * batch; }
};

// A row of the patch matrix.
struct PatchRow {
  int row, column, image;
};

// The rows of the patch matrix one after the other.
class PatchWalk {
 public:
  PatchWalk(const Patches& patches, int index)
      : patches_(patches),
        image_(index % patches.batch),
        column_(index / patches.batch % patches.columns.positions),
        row_(index / patches.batch / patches.columns.positions) {}

  PatchRow here() const { return {patches_.rows.order[row_], patches_.columns.order[column_], image_}; }

  // Images of this position from here on.
  int images_left() const { return patches_.batch - image_; }

  // Goes on by at most images_left() rows.
  void advance(int rows) {
    image_ += rows;
    if (image_ < patches_.batch) return;
    image_ = 0;
    if (++column_ < patches_.columns.positions) return;
    column_ = 0;
    row_++;
  }

 private:
  const Patches& patches_;
  int image_, column_, row_;
};

// A part of the run of a tap.
struct Chunk {
  int tap_row, tap_column, start, length;
};

// Chunks of at most kBlockDepth floats together.
struct DepthBlock {
  Chunk chunks[kBlockDepth];
  int count, depth;
};

// Goes through the depth of a patch matrix, leaving out the taps that no position has.
class DepthWalk {
 public:
  explicit DepthWalk(const Patches& patches) : patches_(patches), piece_(piece_of_depth(patches.run_length)) {}

  // Fills a block; false when there is nothing left.
  bool next(DepthBlock& block) {
    block.count = block.depth = 0;
    for (; tap_ < patches_.taps(); tap_++, start_ = 0) {
      const int row = tap_ / patches_.columns.taps, column = tap_ % patches_.columns.taps;
      if (!patches_.rows.is_live(row) || !patches_.columns.is_live(column)) continue;
      for (; start_ < patches_.run_length; start_ += piece_) {
        const int length = minimum(piece_, patches_.run_length - start_);
        if (block.depth + length > kBlockDepth) return true;
        block.chunks[block.count++] = {row, column, start_, length};
        block.depth += length;
      }
    }
    return block.count > 0;
  }

 private:
  const Patches& patches_;
  const int piece_;
  int tap_ = 0, start_ = 0;
};

// Packs rows of the patch matrix row by row; returns the number of segments.
static int pack_patches(const Patches& p, const PatchRow* panel_rows, int rows, const DepthBlock& block,
                        Segment* segments) {
  const float* images[kTileRows];
  const int* row_sources[kTileRows];
  const int* column_sources[kTileRows];
  for (int i = 0; i < rows; i++) {
    images[i] = p.data + panel_rows[i].image * p.image_stride;
    row_sources[i] = p.rows.source + panel_rows[i].row * p.rows.taps;
    column_sources[i] = p.columns.source + panel_rows[i].column * p.columns.taps;
  }
  int count = 0, a = 0, b = 0;
  for (int c = 0; c < block.count; b += block.chunks[c++].length) {
    const Chunk& chunk = block.chunks[c];
    const float* runs[kTileRows];
    bool any = false;
    for (int i = 0; i < rows; i++) {
      const int row = row_sources[i][chunk.tap_row], column = column_sources[i][chunk.tap_column];
      const bool inside = (row | column) >= 0;
      runs[i] = inside ? images[i] + row * p.row_stride + column * p.column_stride + chunk.start : nullptr;
      any |= inside;
    }
    if (!any) continue;
    for (int i = 0; i < rows; i++) {
      float* target = packing.rows + i * kPanelStride + a;
      if (runs[i]) copy(target, runs[i], chunk.length);
      else fill(target, 0, chunk.length);
    }
    if (count && segments[count - 1].b + segments[count - 1].depth == b) segments[count - 1].depth += chunk.length;
    else segments[count++] = {a, b, chunk.length};
    a += chunk.length;
  }
  return count;
}

// Filters [taps][channels][outputs] as right operand: B[(tap, channel), output], or for the input gradient
// B[(tap, output), channel].
struct Filters {
  const float* data;
  Size tap_stride, channel_stride;
  bool transposed;

  void pack(const Patches& patches, const DepthBlock& block, int column, int columns) const {
    int first = 0;
    for (int c = 0; c < block.count; first += block.chunks[c++].length) {
      const Chunk& chunk = block.chunks[c];
      const float* tap = data + (chunk.tap_row * patches.columns.taps + chunk.tap_column) * tap_stride;
      if (transposed) {
        pack_transposed_columns(packing.columns, first, chunk.length, block.depth, columns,
                                tap + column * channel_stride + chunk.start, channel_stride);
      } else {
        const float* row = tap + chunk.start * channel_stride + column;
        pack_columns(packing.columns, first, chunk.length, block.depth, columns,
                     [&](int k) INLINE_LAMBDA { return row + k * channel_stride; });
      }
    }
  }
};

// Where the rows of a result go.
struct Images {
  float* data;
  Size image_stride, row_stride, column_stride;

  Size offset(const PatchRow& at) const {
    return at.image * image_stride + at.row * row_stride + at.column * column_stride;
  }
};

// y[(position, image), column] = patches filters (+ bias) for a part of the rows and columns.
static void multiply_patches_part(const Patches& patches, const Filters& filters, const Images& y, const float* bias,
                                  Range rows, Range columns) {
  DepthBlock block;
  Segment segments[kBlockDepth];
  PatchRow panel_rows[kTileRows];
  Size offsets[kTileRows];
  for (int j = columns.begin; j < columns.end; j += kBlockColumns) {
    const int block_columns = minimum(kBlockColumns, columns.end - j);
    DepthWalk depth(patches);
    for (bool first = true; depth.next(block) || first; first = false) {
      filters.pack(patches, block, j, block_columns);
      PatchWalk walk(patches, rows.begin);
      for (int i = rows.begin; i < rows.end; i += kTileRows) {
        const int count = minimum(kTileRows, rows.end - i);
        for (int r = 0; r < count; r++, walk.advance(1)) {
          panel_rows[r] = walk.here();
          offsets[r] = y.offset(panel_rows[r]);
        }
        const RowPanel panel = {count, segments, pack_patches(patches, panel_rows, count, block, segments), offsets};
        if (panel.count == 0 && !first) continue;
        multiply_panel<PanelOrder::kRows>(panel, block.depth, block_columns, y.data + j, !first,
                                          first && bias ? bias + j : nullptr);
      }
    }
  }
}

// Floats of a patch whose multiplication takes as long as the writing of a row.
constexpr int kRowWork = 32;

// Where a share in [0, 1] of the work at all positions ends: a row of the patch matrix, a multiple of kTileRows or the last.
// Taps that lie in the padding or between the steps of a stride are no work; what is left without any is to write a row.
static int end_of_share(const Patches& p, double share) {
  const auto work = [&](int position) {
    const int row = position / p.columns.positions, column = position % p.columns.positions;
    return p.rows.live_taps(row) * p.columns.live_taps(column) * p.run_length + kRowWork;
  };
  const int positions = p.rows.positions * p.columns.positions;
  double total = 0;
  for (int position = 0; position < positions; position++) total += work(position);
  const double wanted = total * share;
  double done = 0;
  for (int position = 0; position < positions; position++) {
    const int here = work(position);
    if (done + here >= wanted) {
      const int row = static_cast<int>((position + (wanted - done) / here) * p.batch);
      return minimum(p.length(), (row + kTileRows / 2) / kTileRows * kTileRows);
    }
    done += here;
  }
  return p.length();
}

static Range share_of_rows(const Patches& p, int part, int parts) {
  return {part == 0 ? 0 : end_of_share(p, double(part) / parts),
          part + 1 == parts ? p.length() : end_of_share(p, double(part + 1) / parts)};
}

static void multiply_patches(const Patches& patches, const Filters& filters, int columns, const Images& y,
                             const float* bias) {
  const Grid grid = choose_grid(patches.length(), columns, double(patches.taps()) * patches.run_length);
  parallel(grid.parts(), [&](int part) {
    multiply_patches_part(patches, filters, y, bias, share_of_rows(patches, part / grid.columns, grid.rows),
                          grid.column_range(part, columns, kTileColumns));
  });
}

// The patches of the convolution's input, for one group.
static Patches input_patches(const float* x, const Geometry& g, int group, int* tables) {
  int* column_table = tables + axis_size(g.out_height, g.kernel_height);
  return {x + group * g.group_channels(),
          Size(g.height) * g.width * g.channels,
          Size(g.width) * g.channels,
          Size(g.channels),
          forward_axis(tables, g.out_height, g.kernel_height, g.stride_height, g.dilation_height, g.top, g.height),
          forward_axis(column_table, g.out_width, g.kernel_width, g.stride_width, g.dilation_width, g.left, g.width),
          g.batch,
          g.group_channels()};
}

static Images images_of(float* data, int height, int width, int channels) {
  return {data, Size(height) * width * channels, Size(width) * channels, Size(channels)};
}

// y = patches W (+ bias). `tables` holds axis_size(out_height, kernel_height) + axis_size(out_width, kernel_width)
// integers.
EXPORT(convolution)(const float* x, const float* filter, const float* bias, float* y, int* tables,
                    const Geometry* shape) {
  const Geometry& g = *shape;
  const int outputs = g.group_outputs();
  if (g.is_pointwise() && g.groups == 1) {
    return multiply({x, Size(g.channels), false}, {filter, Size(outputs), false}, g.batch * g.height * g.width, outputs,
                    g.channels, y, outputs, bias);
  }
  for (int group = 0; group < g.groups; group++) {
    const Patches patches = input_patches(x, g, group, tables);
    const Filters filters = {filter + group * outputs, Size(patches.run_length) * g.out_channels, Size(g.out_channels),
                             false};
    multiply_patches(patches, filters, outputs,
                     images_of(y + group * outputs, g.out_height, g.out_width, g.out_channels),
                     bias ? bias + group * outputs : nullptr);
  }
}

// dx[(position, image), channel] = patches of dy W^T. `tables` holds axis_size(height, kernel_height) +
// axis_size(width, kernel_width) integers.
EXPORT(convolution_input_gradient)(const float* dy, const float* filter, float* dx, int* tables,
                                   const Geometry* shape) {
  const Geometry& g = *shape;
  const int channels = g.group_channels(), outputs = g.group_outputs();
  if (g.is_pointwise() && g.groups == 1) {
    return multiply({dy, Size(outputs), false}, {filter, Size(outputs), true}, g.batch * g.height * g.width, channels,
                    outputs, dx, channels);
  }
  int* column_table = tables + axis_size(g.height, g.kernel_height);
  const TapAxis rows =
      gradient_axis(tables, g.height, g.kernel_height, g.stride_height, g.dilation_height, g.top, g.out_height);
  const TapAxis columns =
      gradient_axis(column_table, g.width, g.kernel_width, g.stride_width, g.dilation_width, g.left, g.out_width);
  for (int group = 0; group < g.groups; group++) {
    const Patches patches = {dy + group * outputs,
                             Size(g.out_height) * g.out_width * g.out_channels,
                             Size(g.out_width) * g.out_channels,
                             Size(g.out_channels),
                             rows,
                             columns,
                             g.batch,
                             outputs};
    const Filters filters = {filter + group * outputs, Size(channels) * g.out_channels, Size(g.out_channels), true};
    multiply_patches(patches, filters, channels, images_of(dx + group * channels, g.height, g.width, g.channels),
                     nullptr);
  }
}

// Left operand of the filter gradient: the transposed patch matrix. A row panel is a part of the run of one tap.
static int pack_transposed_patches(const Patches& p, int tap, int start, int rows, int depth, int length,
                                   const float* end, Segment* segments) {
  const int tap_row = tap / p.columns.taps, tap_column = tap % p.columns.taps;
  PatchWalk walk(p, depth);
  float* target = packing.rows;
  int count = 0, a = 0;
  for (int b = 0; b < length;) {
    const PatchRow at = walk.here();
    const int images = minimum(walk.images_left(), length - b);
    const int row = p.rows.source[at.row * p.rows.taps + tap_row];
    const int column = p.columns.source[at.column * p.columns.taps + tap_column];
    if ((row | column) >= 0) {
      const float* source =
          p.data + at.image * p.image_stride + row * p.row_stride + column * p.column_stride + start;
      for (int image = 0; image < images; image++, source += p.image_stride, target += kDepthStride) {
        // The next panel's part of this run.
        __builtin_prefetch(source + 16);
        // A whole vector may write beyond the panel's rows.
        if (kDepthStride == kLanes && source + kLanes <= end) store(target, load(source));
        else copy(target, source, rows);
      }
      if (count && segments[count - 1].b + segments[count - 1].depth == b) segments[count - 1].depth += images;
      else segments[count++] = {a, b, images};
      a += images;
    }
    b += images;
    walk.advance(images);
  }
  return count;
}

// A part of dW[(tap, channel), output] = patches^T dy: row panels, columns, and a range of the patches.
static void multiply_transposed_patches(const Patches& patches, const float* end, const Images& dy,
                                        const float* gradient, float* dfilter, Size stride, Range panels, Range columns,
                                        Range depth) {
  const int panels_per_tap = (patches.run_length + kTileRows - 1) / kTileRows;
  const int piece = piece_of_depth(depth.length());
  Segment segments[kBlockDepth];
  Size offsets[kTileRows];
  const float* rows[kBlockDepth];
  for (int j = columns.begin; j < columns.end; j += kBlockColumns) {
    const int block_columns = minimum(kBlockColumns, columns.end - j);
    for (int k = depth.begin; k == depth.begin || k < depth.end; k += piece) {
      const int length = minimum(piece, depth.end - k);
      PatchWalk walk(patches, k);
      for (int i = 0; i < length; i++, walk.advance(1)) rows[i] = gradient + dy.offset(walk.here()) + j;
      pack_columns(packing.columns, 0, length, length, block_columns,
                   [&](int row) INLINE_LAMBDA { return rows[row]; });
      for (int u = panels.begin; u < panels.end; u++) {
        const int tap = u / panels_per_tap, start = u % panels_per_tap * kTileRows;
        const int count = minimum(kTileRows, patches.run_length - start);
        for (int i = 0; i < count; i++) offsets[i] = (Size(tap) * patches.run_length + start + i) * stride;
        const RowPanel panel = {
            count, segments, pack_transposed_patches(patches, tap, start, count, k, length, end, segments), offsets};
        if (panel.count == 0 && k > depth.begin) continue;
        multiply_panel<PanelOrder::kDepth>(panel, length, block_columns, dfilter + j, k > depth.begin, nullptr);
      }
    }
  }
}

// dW[(tap, channel), output] = patches^T dy. `tables` as for the convolution. Where a small filter has many pixels, the
// pixels are cut into `depth_parts` (1 for none) whose results are added up: `scratch` holds that many filters.
EXPORT(convolution_filter_gradient)(const float* x, const float* dy, float* dfilter, int* tables, float* scratch,
                                    int depth_parts, const Geometry* shape) {
  const Geometry& g = *shape;
  const int outputs = g.group_outputs();
  const float* end = x + Size(g.batch) * g.height * g.width * g.channels;
  if (g.is_pointwise() && g.groups == 1 && depth_parts == 1) {
    return multiply({x, Size(g.channels), true}, {dy, Size(outputs), false}, g.channels, outputs,
                    g.batch * g.height * g.width, dfilter, outputs);
  }
  const Size filter_size = Size(g.kernel_height) * g.kernel_width * g.group_channels() * g.out_channels;
  for (int group = 0; group < g.groups; group++) {
    const Patches patches = input_patches(x, g, group, tables);
    const Images gradient = images_of(nullptr, g.out_height, g.out_width, g.out_channels);
    const int panels = patches.taps() * ((patches.run_length + kTileRows - 1) / kTileRows), depth = patches.length();
    Grid grid = {1, 1};
    if (depth_parts == 1) grid = choose_grid(panels * kTileRows, outputs, depth);
    const int first = group * outputs;
    parallel(grid.parts() * depth_parts, [&](int part) {
      const int cell = part % grid.parts(), depth_part = part / grid.parts();
      const Range range = Grid::range(depth_part, depth_parts, depth, 1);
      float* target = depth_parts == 1 ? dfilter : scratch + depth_part * filter_size;
      multiply_transposed_patches(patches, end, gradient, dy + first, target + first, g.out_channels,
                                  grid.row_range(cell, panels, 1), grid.column_range(cell, outputs, kTileColumns),
                                  range);
    });
  }
  if (depth_parts == 1) return;
  parallel_for(filter_size, 4096, [&](Size begin, Size end_of_part) {
    copy(dfilter + begin, scratch + begin, end_of_part - begin);
    for (int part = 1; part < depth_parts; part++) {
      accumulate(dfilter + begin, scratch + part * filter_size + begin, end_of_part - begin);
    }
  });
}

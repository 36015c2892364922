// Convolution of images with few channels, as a network's first layers have them, and its gradients.
//
// Neighbouring taps of a row of such a filter are neighbours in the image, too: a patch is a few runs of floats, and the
// patches of neighbouring pixels begin at equal distances. So nothing is gathered: a tile of registers, pixels x outputs,
// reads the image itself (the direct convolution of E. Georganas et al., "Anatomy of high-performance deep learning
// convolutions on SIMD architectures", 2018). Images have no padding: the engine pads them beforehand.
#include "convolution.h"

// Floats of a patch, and outputs in a column of a filter, that the engine chooses these kernels for: a panel holds them.
constexpr int kNarrowLimit = 4096;
static_assert(sizeof(packing.columns) / sizeof(float) >= Size(kNarrowLimit) * kTileColumns);

// The floats of a patch: `count` runs of `length` neighbours, `stride` apart, and the rows of a panel that belong to them,
// `panel_stride` from one run to the next.
struct Runs {
  int count, length;
  long long stride;
  int panel_stride;

  int floats() const { return count * length; }
};

static Runs patch_runs(const Geometry& g) {
  const int length = g.kernel_width * g.channels;
  return {g.kernel_height, length, static_cast<long long>(g.dilation_height) * g.width * g.channels, length};
}

// Floats from a patch to that of the next pixel.
INLINE Size patch_step(const Geometry& g) { return Size(g.stride_width) * g.channels; }

// Where the patches of a row of the result begin. Rows are counted through all images.
INLINE Size patch_row(const Geometry& g, int row) {
  const Size image = row / g.out_height, line = row % g.out_height;
  return (image * g.height + line * g.stride_height) * g.width * g.channels;
}

// Pixels of a tile: as many as fit, in tiles of about equal size.
INLINE int strip_length(int pixels) {
  const int strips = (pixels + kTileRows - 1) / kTileRows;
  return (pixels + strips - 1) / strips;
}

// tile[i] = patch i x panel (+ bias), where patch i begins at x + i * step.
template <int Rows, int Vectors>
__attribute__((noinline)) static void multiply_strip(const float* x, Size step, const Runs& runs, const float* panel,
                                                     const float* bias, float* tile, Size tile_stride) {
  Vector sums[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i++) {
    for (int v = 0; v < Vectors; v++) sums[i][v] = bias ? load(bias + v * kLanes) : Vector{};
  }
  for (int run = 0; run < runs.count; run++) {
    const float* source = x + run * runs.stride;
    const float* weights = panel + Size(run) * runs.panel_stride * Vectors * kLanes;
    for (int k = 0; k < runs.length; k++, source++, weights += Vectors * kLanes) {
      Vector row[Vectors];
      for (int v = 0; v < Vectors; v++) row[v] = load(weights + v * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < Rows; i++) {
        const Vector element = splat(source[i * step]);
        for (int v = 0; v < Vectors; v++) sums[i][v] += element * row[v];
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i++) {
    for (int v = 0; v < Vectors; v++) store(tile + i * tile_stride + v * kLanes, sums[i][v]);
  }
}

// A block of pixels: neighbouring rows of the result, counted through all images.
struct Pixels {
  static constexpr int kMostRows = 64;

  const Geometry& geometry;
  int rows;
  // Where the patches of each row begin.
  const float* patches[kMostRows];
  // The gradient of the result from the first row on, and its end.
  const float* dy;
  const float* end;
};

// Which elements of a patch a tile is for.
enum class Elements {
  kNeighbours,  // those from offsets[0] on
  kScattered,   // those at offsets[0], offsets[1], ...
};

// tile[e][column] += sum over the pixels of patch[e] dy[first + column]; `offsets` are floats from the patch's begin. Columns
// beyond the outputs hold anything. The pixels are summed apart from what the tile holds: sums of sums stay exact longer
// than one long sum.
template <Elements Kind, int Count, int Vectors>
__attribute__((noinline)) static void multiply_pixels(const Pixels& pixels, const Size* offsets, int first, float* tile) {
  const Geometry& g = pixels.geometry;
  const Size step = patch_step(g);
  const float* end = pixels.end;
  // The last pixels, whose vectors would be read from beyond the end.
  float rest[Vectors * kLanes] = {};
  Vector sums[Count][Vectors];
#pragma GCC unroll 16
  for (int e = 0; e < Count; e++) {
    for (int v = 0; v < Vectors; v++) sums[e][v] = Vector{};
  }
  const float* gradient = pixels.dy + first;
  for (int row = 0; row < pixels.rows; row++) {
    const float* source = pixels.patches[row] + (Kind == Elements::kNeighbours ? offsets[0] : 0);
    for (int p = 0; p < g.out_width; p++, source += step, gradient += g.out_channels) {
      const float* from = gradient;
      if (end - gradient < Vectors * kLanes) [[unlikely]] {
        for (int i = 0; i < end - gradient; i++) rest[i] = gradient[i];
        from = rest;
      }
      Vector factors[Vectors];
      for (int v = 0; v < Vectors; v++) factors[v] = load(from + v * kLanes);
#pragma GCC unroll 16
      for (int e = 0; e < Count; e++) {
        const Vector element = splat(Kind == Elements::kNeighbours ? source[e] : source[offsets[e]]);
        for (int v = 0; v < Vectors; v++) sums[e][v] += element * factors[v];
      }
    }
  }
#pragma GCC unroll 16
  for (int e = 0; e < Count; e++) {
    for (int v = 0; v < Vectors; v++) {
      float* target = tile + (e * kTileVectors + v) * kLanes;
      store(target, load(target) + sums[e][v]);
    }
  }
}

// The kernels of both kinds for 1 to kTileRows rows and 1 to kTileVectors vectors.
struct NarrowKernels {
  decltype(&multiply_strip<1, 1>) strips[kTileVectors][kTileRows];
  decltype(&multiply_pixels<Elements::kNeighbours, 1, 1>) neighbours[kTileVectors][kTileRows];
  decltype(&multiply_pixels<Elements::kScattered, 1, 1>) scattered[kTileVectors][kTileRows];

  template <int Rows = kTileRows>
  constexpr void add() {
    strips[0][Rows - 1] = multiply_strip<Rows, 1>;
    strips[1][Rows - 1] = multiply_strip<Rows, 2>;
    neighbours[0][Rows - 1] = multiply_pixels<Elements::kNeighbours, Rows, 1>;
    neighbours[1][Rows - 1] = multiply_pixels<Elements::kNeighbours, Rows, 2>;
    scattered[0][Rows - 1] = multiply_pixels<Elements::kScattered, Rows, 1>;
    scattered[1][Rows - 1] = multiply_pixels<Elements::kScattered, Rows, 2>;
    if constexpr (Rows > 1) add<Rows - 1>();
  }
  constexpr NarrowKernels() : strips(), neighbours(), scattered() { add(); }
};

inline constexpr NarrowKernels narrow_kernels = {};

// Length of a run from which on a tile does not go beyond it.
constexpr int kLongRun = 6;

// Floats of a result's gradient that all tiles of a filter's gradient go through before the next ones: they stay in the
// first-level cache.
constexpr int kPixelBlock = 4096;

// Calls body(first, width, vectors) for the columns of each tile.
template <class Body>
INLINE void each_tile_of_columns(int columns, const Body& body) {
  for (int j = 0; j < columns; j += kTileColumns) {
    const int width = minimum(kTileColumns, columns - j);
    body(j, width, width > kLanes ? 2 : 1);
  }
}

// Rows of a result that are worth a thread of their own.
static Size rows_per_thread(const Geometry& g) {
  const double work = double(g.out_width) * patch_runs(g).floats() * g.out_channels;
  return static_cast<Size>(kMultiplicationsPerThread / maximum(work, 1.0)) + 1;
}

// y = patches W (+ bias)
EXPORT(narrow_convolution)(const float* x, const float* filter, const float* bias, float* y, const Geometry* shape) {
  const Geometry& g = *shape;
  const Runs runs = patch_runs(g);
  const int outputs = g.out_channels, length = strip_length(g.out_width);
  const Size step = patch_step(g);
  parallel_for(Size(g.batch) * g.out_height, rows_per_thread(g), [&](Size begin, Size end) {
    each_tile_of_columns(outputs, [&](int first, int width, int vectors) INLINE_LAMBDA {
      pack_columns(packing.columns, 0, runs.floats(), runs.floats(), width,
                   [&](int k) INLINE_LAMBDA { return filter + Size(k) * outputs + first; });
      float added[kTileColumns] = {}, tile[kTileRows * kTileColumns];
      if (bias) copy(added, bias + first, width);
      const bool is_whole = width == vectors * kLanes, is_only = width == outputs;
      const float* limit = y + end * g.out_width * outputs;
      for (Size row = begin; row < end; row++) {
        const float* source = x + patch_row(g, static_cast<int>(row));
        float* target = y + row * g.out_width * outputs + first;
        for (int p = 0; p < g.out_width; p += length) {
          const int pixels = minimum(length, g.out_width - p);
          float* to = target + Size(p) * outputs;
          // What a vector has beyond a pixel's outputs may be stored where pixels follow that overwrite it.
          const bool fits = is_whole || (is_only && limit - to >= (pixels - 1) * outputs + vectors * kLanes);
          narrow_kernels.strips[vectors - 1][pixels - 1](source + p * step, step, runs, packing.columns,
                                                         bias ? added : nullptr, fits ? to : tile,
                                                         fits ? outputs : kTileColumns);
          for (int i = 0; !fits && i < pixels; i++) copy(to + Size(i) * outputs, tile + i * kTileColumns, width);
        }
      }
    });
  });
}

// Parts of the pixels, at most, in which a filter's gradient is summed. They follow from the sizes alone, so that the bits
// do not depend on the threads. `narrowParts` in the engine.
constexpr int kNarrowParts = 8;

// dW = patches^T dy, in parts of the pixels that are added up. `scratch` holds kNarrowParts filters.
EXPORT(narrow_filter_gradient)(const float* x, const float* dy, float* dfilter, float* scratch, const Geometry* shape) {
  const Geometry& g = *shape;
  const Runs runs = patch_runs(g);
  const int rows = g.batch * g.out_height, outputs = g.out_channels, elements = runs.floats();
  const int parts = static_cast<int>(minimum(Size(kNarrowParts), rows / rows_per_thread(g) + 1));
  const bool is_long = runs.length >= kLongRun;
  const auto& kernels = is_long ? narrow_kernels.neighbours : narrow_kernels.scattered;
  const int stretch = is_long ? runs.length : elements, length = strip_length(stretch);
  const Size filter_size = Size(elements) * outputs;
  const Size row_size = Size(g.out_width) * outputs;
  const int block = minimum(Pixels::kMostRows, kPixelBlock / (g.out_width * minimum(outputs, kTileColumns)) + 1);
  const auto sum_part = [&](int part) {
    const Range range = Grid::range(part, parts, rows, 1);
    float* target = part == 0 ? dfilter : scratch + (part - 1) * filter_size;
    fill(target, 0, filter_size);
    each_tile_of_columns(outputs, [&](int first, int width, int vectors) INLINE_LAMBDA {
      for (int row = range.begin; row < range.end; row += block) {
        Pixels pixels = {g, minimum(block, range.end - row), {}, dy + row * row_size, dy + rows * row_size};
        for (int i = 0; i < pixels.rows; i++) pixels.patches[i] = x + patch_row(g, row + i);
        for (int e = 0, count; e < elements; e += count) {
          count = minimum(length, stretch - e % stretch);
          float tile[kTileRows * kTileColumns];
          Size offsets[kTileRows];
          for (int i = 0; i < count; i++) {
            offsets[i] = (e + i) / runs.length * runs.stride + (e + i) % runs.length;
            copy(tile + i * kTileColumns, target + Size(e + i) * outputs + first, width);
          }
          kernels[vectors - 1][count - 1](pixels, offsets, first, tile);
          for (int i = 0; i < count; i++) copy(target + Size(e + i) * outputs + first, tile + i * kTileColumns, width);
        }
      }
    });
  };
  parallel_for(parts, 1, [&](Size begin, Size end) {
    for (Size part = begin; part < end; part++) sum_part(static_cast<int>(part));
  });
  parallel_for(filter_size, 4096, [&](Size begin, Size end) {
    for (int part = 1; part < parts; part++) {
      accumulate(dfilter + begin, scratch + (part - 1) * filter_size + begin, end - begin);
    }
  });
}

// The taps of a column of the filter that reach a row of the image, and the row of the result that the first one is from.
struct ColumnTaps {
  int first, count, step, out_row, out_step;
};

static ColumnTaps taps_of_row(const Geometry& g, int row) {
  ColumnTaps taps = {0, 0, 1, 0, 0};
  for (int tap = 0; tap < g.kernel_height; tap++) {
    const int offset = row - tap * g.dilation_height, out_row = offset / g.stride_height;
    if (offset < 0 || offset % g.stride_height != 0 || out_row >= g.out_height) continue;
    if (taps.count == 0) {
      taps.first = tap;
      taps.out_row = out_row;
    } else if (taps.count == 1) {
      taps.step = tap - taps.first;
      taps.out_step = out_row - taps.out_row;
    }
    taps.count++;
  }
  return taps;
}

// dx: for every row of an image, the gradients of the runs of patches that lie in it, dy W^T, each added in its place.
EXPORT(narrow_input_gradient)(const float* dy, const float* filter, float* dx, const Geometry* shape) {
  const Geometry& g = *shape;
  const int run = g.kernel_width * g.channels, outputs = g.out_channels, length = strip_length(g.out_width);
  const Size step = patch_step(g), row_size = Size(g.width) * g.channels, out_row_size = Size(g.out_width) * outputs;
  parallel_for(Size(g.batch) * g.height, rows_per_thread(g), [&](Size begin, Size end) {
    fill(dx + begin * row_size, 0, (end - begin) * row_size);
    each_tile_of_columns(run, [&](int first, int width, int vectors) INLINE_LAMBDA {
      const int panel_columns = vectors * kLanes;
      for (int tap = 0; tap < g.kernel_height; tap++) {
        pack_transposed_columns(packing.columns + Size(tap) * outputs * panel_columns, 0, outputs, outputs, width,
                                filter + (Size(tap) * run + first) * outputs, outputs);
      }
      float tile[kTileRows * kTileColumns];
      for (Size row = begin; row < end; row++) {
        const ColumnTaps taps = taps_of_row(g, static_cast<int>(row % g.height));
        const Runs runs = {taps.count, outputs, taps.out_step * static_cast<long long>(out_row_size), taps.step * outputs};
        const float* gradient = dy + (row / g.height * g.out_height + taps.out_row) * out_row_size;
        const float* panel = packing.columns + Size(taps.first) * outputs * panel_columns;
        float* target = dx + row * row_size + first;
        for (int p = 0; p < g.out_width; p += length) {
          const int pixels = minimum(length, g.out_width - p);
          narrow_kernels.strips[vectors - 1][pixels - 1](gradient + Size(p) * outputs, outputs, runs, panel, nullptr,
                                                         tile, kTileColumns);
          for (int i = 0; i < pixels; i++) accumulate(target + (p + i) * step, tile + i * kTileColumns, width);
        }
      }
    });
  });
}

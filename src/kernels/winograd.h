// Winograd's minimal filtering for filters of 3 x 3 taps (S. Winograd, "Arithmetic complexity of computations", 1980;
// A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", 2016).
//
// The result is cut into tiles of 2 x 2 pixels, each of which depends on 4 x 4 pixels of the images. A linear transform
// of these 4 x 4 pixels, and another of the filter, turn the tile's convolution into 16 products, one for each position
// of the transformed tile, where the convolution itself has 36. Summed over channels, the products of one position are a
// product of matrices [tiles, channels] and [channels, outputs]. A third transform makes the 2 x 2 pixels of the sums.
//
// The transforms are made of additions, of whole vectors of channels. They are two-dimensional: the one-dimensional
// transform is applied to the columns of the tile and then to its rows.
#pragma once
#include "convolution.h"

constexpr int kPositions = 16;
// Pixels from one tile of the result to the next.
constexpr int kTileStep = 2;
// Channels of images, and of results, that the engine chooses these kernels for: a block of tiles then fits its buffer.
constexpr int kWinogradLimit = 512;

// Zeros that stand for pixels outside an image.
static const float zero_pixel[kWinogradLimit + kTileColumns] = {};

// The tiles of all images, counted image by image and row by row.
struct Tiles {
  int batch, rows, columns;

  Tiles(int batch, int out_height, int out_width)
      : batch(batch), rows((out_height + 1) / kTileStep), columns((out_width + 1) / kTileStep) {}

  int count() const { return batch * rows * columns; }
};

// The tiles one after the other.
struct TileWalk {
  const Tiles& tiles;
  int image, row, column;

  TileWalk(const Tiles& tiles, int index)
      : tiles(tiles),
        image(index / (tiles.rows * tiles.columns)),
        row(index / tiles.columns % tiles.rows),
        column(index % tiles.columns) {}

  void advance() {
    if (++column < tiles.columns) return;
    column = 0;
    if (++row < tiles.rows) return;
    row = 0;
    image++;
  }
};

// Images [N, H, W, C] that tiles are read from; the first tile begins `top` rows above and `left` columns before them.
struct TiledImages {
  const float* data;
  int height, width, channels, top, left;

  // Finds `count` neighbouring pixels: those of row `i` of a tile. Outside the image they are zero.
  INLINE_LAMBDA void find_row(const TileWalk& at, int i, int count, const float** pixels) const {
    const int row = at.row * kTileStep - top + i, first = at.column * kTileStep - left;
    const float* source = data + (Size(at.image) * height + row) * width * channels;
    for (int j = 0; j < count; j++) {
      const int column = first + j;
      const bool inside = row >= 0 && row < height && column >= 0 && column < width;
      pixels[j] = inside ? source + Size(column) * channels : zero_pixel;
    }
  }
};

// Transforms 4 x 4 pixels: rows of
//   1  0 -1  0
//   0  1  1  0
//   0 -1  1  0
//   0  1  0 -1
// times the tile times the transposed matrix.
template <class Floats>
INLINE void transform_pixels(const Floats (&d)[kPositions], Floats (&v)[kPositions]) {
  Floats t[kPositions];
  for (int j = 0; j < 4; j++) {
    t[j] = d[j] - d[8 + j];
    t[4 + j] = d[4 + j] + d[8 + j];
    t[8 + j] = d[8 + j] - d[4 + j];
    t[12 + j] = d[4 + j] - d[12 + j];
  }
  for (int i = 0; i < kPositions; i += 4) {
    v[i] = t[i] - t[i + 2];
    v[i + 1] = t[i + 1] + t[i + 2];
    v[i + 2] = t[i + 2] - t[i + 1];
    v[i + 3] = t[i + 1] - t[i + 3];
  }
}

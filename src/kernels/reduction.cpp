// Sums, moves and copies along axes.
#include "vector.h"

// y[outer, inner] = factor * sum over the middle axis of x[outer, length, inner].
EXPORT(sum_axis)(const float* x, float* y, int outer, int length, int inner, float factor) {
  for (int o = 0; o < outer; o++, x += Size(length) * inner, y += inner) {
    if (inner == 1) {
      Vector sums[4] = {};
      int i = 0;
      for (; i + 4 * kLanes <= length; i += 4 * kLanes) {
        for (int j = 0; j < 4; j++) sums[j] += load(x + i + j * kLanes);
      }
      float total = sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
      for (; i < length; i++) total += x[i];
      *y = total * factor;
      continue;
    }
    fill(y, 0, inner);
    for (int i = 0; i < length; i++) accumulate(y, x + Size(i) * inner, inner);
    for (int j = 0; j < inner; j++) y[j] *= factor;
  }
}

// y[outer, columns, rows] = x[outer, rows, columns] with its last two axes swapped.
EXPORT(transpose_planes)(const float* x, float* y, int outer, int rows, int columns) {
  const Size plane = Size(rows) * columns;
  for (int o = 0; o < outer; o++, x += plane, y += plane) {
    int i = 0;
    for (; i + 4 <= rows; i += 4) {
      int j = 0;
      for (; j + 4 <= columns; j += 4) {
        const float* source = x + Size(i) * columns + j;
        store_transposed(y + Size(j) * rows + i, rows, load_quad(source), load_quad(source + columns),
                         load_quad(source + 2 * Size(columns)), load_quad(source + 3 * Size(columns)));
      }
      for (; j < columns; j++) {
        for (int k = 0; k < 4; k++) y[Size(j) * rows + i + k] = x[Size(i + k) * columns + j];
      }
    }
    for (; i < rows; i++) {
      for (int j = 0; j < columns; j++) y[Size(j) * rows + i] = x[Size(i) * columns + j];
    }
  }
}

// Images [N, height, width, C] into the middle of larger ones filled with `value`, or with `crop` back out of them.
EXPORT(pad_images)(const float* x, float* y, int batch, int height, int width, int channels, int top, int left,
                   int padded_height, int padded_width, float value, int crop) {
  const int row = width * channels, padded_row = padded_width * channels;
  const Size padded_image = Size(padded_height) * padded_row;
  if (!crop) fill(y, value, batch * padded_image);
  for (int image = 0; image < batch; image++) {
    for (int i = 0; i < height; i++) {
      const Size inside = image * padded_image + Size(top + i) * padded_row + left * channels;
      const Size compact = (Size(image) * height + i) * row;
      if (crop) copy(y + compact, x + inside, row);
      else copy(y + inside, x + compact, row);
    }
  }
}

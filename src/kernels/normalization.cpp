// Batch normalisation in training (S. Ioffe and C. Szegedy, "Batch normalization", 2015, algorithm 1), channels last:
// x[rows, channels].
#include "vector.h"

// mean and variance of each channel, the variance around the mean found first: two passes lose no digits.
static void moments(const float* x, int rows, int channels, float* mean, float* variance) {
  fill(mean, 0, channels);
  for (int i = 0; i < rows; i++) accumulate(mean, x + Size(i) * channels, channels);
  for (int c = 0; c < channels; c++) mean[c] /= rows;
  fill(variance, 0, channels);
  for (int i = 0; i < rows; i++) {
    const float* row = x + Size(i) * channels;
    int c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
      const Vector d = load(row + c) - load(mean + c);
      store(variance + c, load(variance + c) + d * d);
    }
    for (; c < channels; c++) variance[c] += (row[c] - mean[c]) * (row[c] - mean[c]);
  }
  for (int c = 0; c < channels; c++) variance[c] /= rows;
}

// y = x * factor + offset for each channel.
EXPORT(scale_channels)(const float* x, const float* factor, const float* offset, float* y, int rows, int channels) {
  for (int i = 0; i < rows; i++, x += channels, y += channels) {
    int c = 0;
    for (; c + kLanes <= channels; c += kLanes) store(y + c, load(x + c) * load(factor + c) + load(offset + c));
    for (; c < channels; c++) y[c] = x[c] * factor[c] + offset[c];
  }
}

// `scratch` holds 2 * channels floats.
EXPORT(batch_norm)(const float* x, const float* scale, const float* shift, float* y, float* mean, float* variance,
                   float* scratch, int rows, int channels, float epsilon) {
  moments(x, rows, channels, mean, variance);
  float *factor = scratch, *offset = scratch + channels;
  for (int c = 0; c < channels; c++) {
    factor[c] = scale[c] / __builtin_sqrtf(variance[c] + epsilon);
    offset[c] = shift[c] - mean[c] * factor[c];
  }
  scale_channels(x, factor, offset, y, rows, channels);
}

// With n rows, normalised values x^ and inverse deviation s:
// dshift = sum(dy), dscale = sum(dy x^), dx = scale s (dy - dshift / n - x^ dscale / n).
EXPORT(batch_norm_gradient)(const float* dy, const float* x, const float* scale, const float* mean,
                            const float* variance, float* dx, float* dscale, float* dshift, float* scratch, int rows,
                            int channels, float epsilon) {
  fill(dscale, 0, channels);
  fill(dshift, 0, channels);
  for (int i = 0; i < rows; i++) {
    const float *d = dy + Size(i) * channels, *v = x + Size(i) * channels;
    for (int c = 0; c < channels; c++) {
      dshift[c] += d[c];
      dscale[c] += d[c] * (v[c] - mean[c]);
    }
  }
  // dx = dy * a + x * b + rest, with the three factors of each channel in the scratch memory.
  float *a = scratch, *b = scratch + channels, *rest = scratch + 2 * channels;
  for (int c = 0; c < channels; c++) {
    const float inverse = 1 / __builtin_sqrtf(variance[c] + epsilon);
    dscale[c] *= inverse;
    a[c] = scale[c] * inverse;
    b[c] = -a[c] * inverse * dscale[c] / rows;
    rest[c] = -a[c] * dshift[c] / rows - b[c] * mean[c];
  }
  for (int i = 0; i < rows; i++) {
    const Size row = Size(i) * channels;
    for (int c = 0; c < channels; c++) dx[row + c] = dy[row + c] * a[c] + x[row + c] * b[c] + rest[c];
  }
}

// Pooling of images [N, H, W, C] and its gradients. Windows may reach into the padding, which holds nothing: it neither
// wins a maximum nor, where `counted` says so, counts in a mean.
#include "vector.h"

struct Windows {
  int batch, height, width, channels;
  int kernel_height, kernel_width, stride_height, stride_width, top, left;
  int out_height, out_width;
};

// The part of a window that lies inside the image.
struct Span {
  int begin, end;
};

INLINE Span span_of(int index, int stride, int before, int kernel, int length) {
  const int start = index * stride - before;
  return {maximum(start, 0), minimum(start + kernel, length)};
}

template <class Visit>
INLINE void each_window(const Windows& w, Visit visit) {
  Size output = 0;
  for (int image = 0; image < w.batch; image++) {
    for (int row = 0; row < w.out_height; row++) {
      const Span rows = span_of(row, w.stride_height, w.top, w.kernel_height, w.height);
      for (int column = 0; column < w.out_width; column++, output++) {
        visit(image, rows, span_of(column, w.stride_width, w.left, w.kernel_width, w.width), output * w.channels);
      }
    }
  }
}

// Where the search for a maximum begins; a window without any element of the image has no place.
INLINE int first_place(const Windows& w, Span rows, Span columns) {
  return rows.begin < rows.end && columns.begin < columns.end ? rows.begin * w.width + columns.begin : -1;
}

// Maximum of one channel over a window, and its place in the plane.
INLINE void maximum_of_channel(const float* plane, const Windows& w, Span rows, Span columns, float* y, int* index) {
  float best = -__builtin_inff();
  int place = first_place(w, rows, columns);
  for (int i = rows.begin; i < rows.end; i++) {
    for (int j = columns.begin; j < columns.end; j++) {
      const float value = plane[Size(i * w.width + j) * w.channels];
      if (value > best || (value != value && best == best)) {
        best = value;
        place = i * w.width + j;
      }
    }
  }
  *y = best;
  *index = place;
}

// The same for as many channels as a vector has lanes.
INLINE void maximum_of_channels(const float* plane, const Windows& w, Span rows, Span columns, float* y, int* index) {
  Vector best = splat(-__builtin_inff());
  IntVector place = IntVector{} + first_place(w, rows, columns);
  for (int i = rows.begin; i < rows.end; i++) {
    for (int j = columns.begin; j < columns.end; j++) {
      const Vector value = load(plane + Size(i * w.width + j) * w.channels);
      const IntVector wins = (value > best) | ((value != value) & (best == best));
      best = select(wins, value, best);
      place = ((IntVector{} + (i * w.width + j)) & wins) | (place & ~wins);
    }
  }
  store(y, best);
  store(index, place);
}

// y: the maxima; indices: their place in the H x W plane. NaN wins over every number.
EXPORT(max_pool)(const float* x, float* y, int* indices, const Windows* windows) {
  const Windows& w = *windows;
  each_window(w, [&](int image, Span rows, Span columns, Size output) {
    const float* plane = x + Size(image) * w.height * w.width * w.channels;
    int c = 0;
    for (; c + kLanes <= w.channels; c += kLanes) {
      maximum_of_channels(plane + c, w, rows, columns, y + output + c, indices + output + c);
    }
    for (; c < w.channels; c++) {
      maximum_of_channel(plane + c, w, rows, columns, y + output + c, indices + output + c);
    }
  });
}

EXPORT(max_pool_gradient)(const float* dy, const int* indices, float* dx, const Windows* windows) {
  const Windows& w = *windows;
  const Size image_size = Size(w.height) * w.width * w.channels;
  fill(dx, 0, image_size * w.batch);
  each_window(w, [&](int image, Span, Span, Size output) {
    float* plane = dx + image * image_size;
    for (int c = 0; c < w.channels; c++) {
      const int place = indices[output + c];
      if (place >= 0) plane[Size(place) * w.channels + c] += dy[output + c];
    }
  });
}

// What a window's sum is divided by: `divisor`, or the number of elements inside the image when it is 0.
INLINE float divisor_of(float divisor, Span rows, Span columns) {
  return divisor > 0 ? divisor : float((rows.end - rows.begin) * (columns.end - columns.begin));
}

EXPORT(average_pool)(const float* x, float* y, float divisor, const Windows* windows) {
  const Windows& w = *windows;
  each_window(w, [&](int image, Span rows, Span columns, Size output) {
    const float* plane = x + Size(image) * w.height * w.width * w.channels;
    fill(y + output, 0, w.channels);
    for (int i = rows.begin; i < rows.end; i++) {
      for (int j = columns.begin; j < columns.end; j++) {
        accumulate(y + output, plane + Size(i * w.width + j) * w.channels, w.channels);
      }
    }
    const float count = divisor_of(divisor, rows, columns);
    for (int c = 0; c < w.channels; c++) y[output + c] /= count;
  });
}

EXPORT(average_pool_gradient)(const float* dy, float* dx, float divisor, const Windows* windows) {
  const Windows& w = *windows;
  const Size image_size = Size(w.height) * w.width * w.channels;
  fill(dx, 0, image_size * w.batch);
  each_window(w, [&](int image, Span rows, Span columns, Size output) {
    const float factor = 1 / divisor_of(divisor, rows, columns);
    for (int i = rows.begin; i < rows.end; i++) {
      for (int j = columns.begin; j < columns.end; j++) {
        float* target = dx + image * image_size + Size(i * w.width + j) * w.channels;
        for (int c = 0; c < w.channels; c++) target[c] += dy[output + c] * factor;
      }
    }
  });
}

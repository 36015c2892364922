// Two-dimensional convolution of images [N, H, W, C] with filters [kh, kw, C / groups, O], as matrix products over
// patches (K. Chellapilla et al., "High performance convolutional neural networks for document processing", 2006),
// with the patches gathered while packing (S. Chetlur et al., "cuDNN: efficient primitives for deep learning", 2014).
//
// The engine pads images beforehand, so that every tap lies inside. A patch is then a list of runs: contiguous floats
// of the padded image, one run for each row of the filter, or for each tap where taps are not neighbours in memory
// (dilation) or a group takes only a part of the channels.
#include "matrix_multiply.h"

struct Geometry {
  int batch, height, width, channels;  // of the padded images
  int kernel_height, kernel_width, out_channels;
  int stride_height, stride_width, dilation_height, dilation_width, groups;
  int out_height, out_width;

  int group_channels() const { return channels / groups; }
  int group_outputs() const { return out_channels / groups; }
  int pixels() const { return batch * out_height * out_width; }
  bool rows_are_runs() const { return groups == 1 && dilation_width == 1; }
  int run_length() const { return rows_are_runs() ? kernel_width * channels : group_channels(); }
  int runs() const { return rows_are_runs() ? kernel_height : kernel_height * kernel_width; }
  int patch_length() const { return runs() * run_length(); }

  // Offset of a run from the first element of its patch.
  Size run_offset(int run) const {
    const int kh = rows_are_runs() ? run : run / kernel_width, kw = rows_are_runs() ? 0 : run % kernel_width;
    return (Size(kh) * dilation_height * width + kw * dilation_width) * channels;
  }

  // Offset of the first element of the patch of an output pixel.
  Size patch_offset(int image, int row, int column) const {
    return ((Size(image) * height + row * stride_height) * width + column * stride_width) * channels;
  }
};

// The patches of output pixels, one after the other.
struct PatchWalk {
  const Geometry& geometry;
  int column, row, image;

  PatchWalk(const Geometry& g, int pixel)
      : geometry(g),
        column(pixel % g.out_width),
        row(pixel / g.out_width % g.out_height),
        image(pixel / g.out_width / g.out_height) {}

  // Offset of the present patch; goes on to the next.
  Size next() {
    const Size offset = geometry.patch_offset(image, row, column);
    if (++column == geometry.out_width) {
      column = 0;
      if (++row == geometry.out_height) {
        row = 0;
        image++;
      }
    }
    return offset;
  }
};

// Rows of the patch matrix [pixels, patch length].
struct PatchRows {
  const Geometry& geometry;
  const float* image;

  void operator()(float* panel, int row, int rows, int depth, int length) const {
    const int run_length = geometry.run_length(), first_run = depth / run_length, first_start = depth % run_length;
    PatchWalk walk(geometry, row);
    for (int i = 0; i < rows; i++) {
      const float* patch = image + walk.next();
      float* target = panel + i * kPanelStride;
      int start = first_start;
      for (int run = first_run, left = length; left > 0; run++, start = 0) {
        const int count = minimum(run_length - start, left);
        copy(target, patch + geometry.run_offset(run) + start, count);
        target += count;
        left -= count;
      }
    }
  }
};

// Rows of the transposed patch matrix [patch length, pixels].
struct TransposedPatchRows {
  const Geometry& geometry;
  const float* image;

  void operator()(float* panel, int row, int rows, int depth, int length) const {
    const int run_length = geometry.run_length();
    Size offsets[kPanelRows];
    bool neighbours = rows == kPanelRows;
    for (int i = 0; i < rows; i++) {
      offsets[i] = geometry.run_offset((row + i) / run_length) + (row + i) % run_length;
      neighbours = neighbours && offsets[i] == offsets[0] + i;
    }
    PatchWalk walk(geometry, depth);
    int k = 0;
    for (; neighbours && k + 4 <= length; k += 4) {
      const float* first = image + offsets[0];
      const Quad a = load_quad(first + walk.next()), b = load_quad(first + walk.next()),
                 c = load_quad(first + walk.next()), d = load_quad(first + walk.next());
      store_transposed(panel + k, kPanelStride, a, b, c, d);
    }
    for (; k < length; k++) {
      const float* patch = image + walk.next();
      for (int i = 0; i < rows; i++) panel[i * kPanelStride + k] = patch[offsets[i]];
    }
  }
};

// y[pixels, O] = patches W
EXPORT(convolution)(const float* x, const float* filter, float* y, const Geometry* shape) {
  const Geometry& g = *shape;
  for (int group = 0; group < g.groups; group++) {
    const PatchRows patches = {g, x + group * g.group_channels()};
    const int first = group * g.group_outputs();
    const Matrix weights = {filter + first, Size(g.out_channels), false};
    multiply(g.pixels(), g.group_outputs(), g.patch_length(), patches, weights, y + first, g.out_channels);
  }
}

// dW[patch length, O] = patches^T dy
EXPORT(convolution_filter_gradient)(const float* x, const float* dy, float* dfilter, const Geometry* shape) {
  const Geometry& g = *shape;
  for (int group = 0; group < g.groups; group++) {
    const TransposedPatchRows patches = {g, x + group * g.group_channels()};
    const int first = group * g.group_outputs();
    const Matrix gradient = {dy + first, Size(g.out_channels), false};
    multiply(g.patch_length(), g.group_outputs(), g.pixels(), patches, gradient, dfilter + first, g.out_channels);
  }
}

// dpatches[pixels, patch length] = dy W^T for one image at a time, each patch then added to the padded dx (zero before).
// `scratch` holds out_height * out_width * patch length floats.
EXPORT(convolution_input_gradient)(const float* dy, const float* filter, float* dx, float* scratch,
                                   const Geometry* shape) {
  const Geometry& g = *shape;
  const int pixels = g.out_height * g.out_width, patch = g.patch_length(), run_length = g.run_length();
  fill(dx, 0, Size(g.batch) * g.height * g.width * g.channels);
  for (int image = 0; image < g.batch; image++) {
    for (int group = 0; group < g.groups; group++) {
      const int first = group * g.group_outputs();
      const MatrixRows gradient = {{dy + Size(image) * pixels * g.out_channels + first, Size(g.out_channels), false}};
      const Matrix weights = {filter + first, Size(g.out_channels), true};
      multiply(pixels, patch, g.group_outputs(), gradient, weights, scratch, patch);
      PatchWalk walk(g, image * pixels);
      for (int pixel = 0; pixel < pixels; pixel++) {
        float* target = dx + walk.next() + group * g.group_channels();
        const float* source = scratch + Size(pixel) * patch;
        for (int run = 0; run < g.runs(); run++) {
          accumulate(target + g.run_offset(run), source + run * run_length, run_length);
        }
      }
    }
  }
}

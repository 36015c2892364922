// The samples of a deformable convolution (Dai et al., "Deformable Convolutional Networks", 2017, section 2.1; with
// factors, Zhu et al., "Deformable ConvNets v2", 2019), and their gradients.
//
// Each tap of each place of the output is moved by an offset of its own, and takes what the bilinear interpolation of
// the image [N, H, W, C] has there, zero outside. The samples of a place lie one after the other, [N H' W', taps, C], so
// that the convolution is their product with the filters. In the gradient of the image a thread has rows of the images,
// and adds to them what all samples give, in the order of the samples.
#include "map.h"

// Channels fall into `groups`, each with offsets [.., groups, taps, 2], down and across, and factors [.., groups, taps].
struct Deformation {
  int batch, height, width, channels, groups, out_height, out_width, kernel_height, kernel_width, stride_height,
      stride_width, padding_height, padding_width, dilation_height, dilation_width;

  int taps() const { return kernel_height * kernel_width; }
  int samples_per_place() const { return groups * taps(); }
  int group_channels() const { return channels / groups; }
  Size places_per_image() const { return Size(out_height) * out_width; }
  Size places() const { return batch * places_per_image(); }
  Size row_size() const { return Size(width) * channels; }
  Size image_size() const { return height * row_size(); }
  Size length() const { return places() * taps() * channels; }
};

// A pixel next to a sample: where its channels lie in the image, its weight, and how this changes with the position.
struct Corner {
  int row;
  Size place;
  float weight, slope_down, slope_across;
};

// The pixels next to a sample that lie in the image.
struct Corners {
  int count = 0;
  Corner list[4];

  Corners(const Deformation& d, float y, float x, int channel) {
    if (!(y > -1 && x > -1 && y < static_cast<float>(d.height) && x < static_cast<float>(d.width))) return;
    const int top = y < 0 ? -1 : static_cast<int>(y), left = x < 0 ? -1 : static_cast<int>(x);
    const float down = y - static_cast<float>(top), across = x - static_cast<float>(left);
    for (int i = 0; i < 2; i++) {
      const int row = top + i;
      if (row < 0 || row >= d.height) continue;
      const float row_weight = i ? down : 1 - down, row_slope = i ? 1 : -1;
      for (int j = 0; j < 2; j++) {
        const int column = left + j;
        if (column < 0 || column >= d.width) continue;
        const float column_weight = j ? across : 1 - across, column_slope = j ? 1 : -1;
        list[count++] = {row, row * d.row_size() + Size(column) * d.channels + channel, row_weight * column_weight,
                         row_slope * column_weight, row_weight * column_slope};
      }
    }
  }
};

// Calls visit(sample, column, corners) for the samples of a place: `sample` counts those of all places and groups, and
// `column` is where the channels of its group lie among the samples.
template <class Visit>
INLINE void each_sample(const Deformation& d, const float* offsets, Size place, const Visit& visit) {
  const int in_image = static_cast<int>(place % d.places_per_image());
  const int top = in_image / d.out_width * d.stride_height - d.padding_height;
  const int left = in_image % d.out_width * d.stride_width - d.padding_width;
  for (int tap = 0; tap < d.taps(); tap++) {
    const float row = static_cast<float>(top + tap / d.kernel_width * d.dilation_height);
    const float column = static_cast<float>(left + tap % d.kernel_width * d.dilation_width);
    for (int group = 0; group < d.groups; group++) {
      const Size sample = place * d.samples_per_place() + group * d.taps() + tap;
      const int channel = group * d.group_channels();
      visit(sample, (place * d.taps() + tap) * d.channels + channel,
            Corners(d, row + offsets[2 * sample], column + offsets[2 * sample + 1], channel));
    }
  }
}

// Calls visit(place, image) for every place of the output, with the place of its image in x.
template <class Visit>
INLINE void each_place(const Deformation& d, const Visit& visit) {
  parallel_for(d.places(), grain_of(d.places(), 4 * d.length()), [&](Size begin, Size end) {
    for (Size place = begin; place < end; place++) visit(place, place / d.places_per_image() * d.image_size());
  });
}

// columns[N H' W', taps, C] = the samples times their factors.
EXPORT(deformed_columns)(const float* x, const float* offsets, const float* factors, float* columns,
                         const Deformation* deformation) {
  const Deformation& d = *deformation;
  each_place(d, [&](Size place, Size image) {
    each_sample(d, offsets, place, [&](Size sample, Size column, const Corners& corners) {
      const Vector factor = splat(factors[sample]);
      each_vector(d.group_channels(), [&](Size c, int count) INLINE_LAMBDA {
        Vector sum = {};
        for (int k = 0; k < corners.count; k++) {
          const Corner& corner = corners.list[k];
          sum += load_part(x + image + corner.place + c, count) * splat(corner.weight);
        }
        store_part(columns + column + c, sum * factor, count);
      });
    });
  });
}

// The gradients of the offsets and of the factors.
EXPORT(deformed_columns_offset_gradient)(const float* dcolumns, const float* x, const float* offsets,
                                         const float* factors, float* doffsets, float* dfactors,
                                         const Deformation* deformation) {
  const Deformation& d = *deformation;
  each_place(d, [&](Size place, Size image) {
    each_sample(d, offsets, place, [&](Size sample, Size column, const Corners& corners) {
      float down = 0, across = 0, value = 0;
      for (int k = 0; k < corners.count; k++) {
        const Corner& corner = corners.list[k];
        Vector sums = {};
        each_vector(d.group_channels(), [&](Size c, int count) INLINE_LAMBDA {
          sums += load_part(dcolumns + column + c, count) * load_part(x + image + corner.place + c, count);
        });
        const float product = sum(sums);
        down += product * corner.slope_down;
        across += product * corner.slope_across;
        value += product * corner.weight;
      }
      doffsets[2 * sample] = down * factors[sample];
      doffsets[2 * sample + 1] = across * factors[sample];
      dfactors[sample] = value;
    });
  });
}

// The gradient of the image.
EXPORT(deformed_columns_image_gradient)(const float* dcolumns, const float* offsets, const float* factors, float* dx,
                                        const Deformation* deformation) {
  const Deformation& d = *deformation;
  const Size rows = Size(d.batch) * d.height;
  parallel_for(rows, grain_of(rows, rows * d.row_size() + 4 * d.length()), [&](Size begin, Size end) {
    fill(dx + begin * d.row_size(), 0, (end - begin) * d.row_size());
    for (Size image = begin / d.height; image * d.height < end; image++) {
      const Size first = image * d.height, first_place = image * d.places_per_image();
      for (Size place = first_place; place < first_place + d.places_per_image(); place++) {
        each_sample(d, offsets, place, [&](Size sample, Size column, const Corners& corners) {
          for (int k = 0; k < corners.count; k++) {
            const Corner& corner = corners.list[k];
            if (first + corner.row < begin || first + corner.row >= end) continue;
            accumulate_scaled(dx + image * d.image_size() + corner.place, dcolumns + column,
                              corner.weight * factors[sample], d.group_channels());
          }
        });
      }
    }
  });
}

// Copies between strided arrays. Transposition, slices, concatenation, padding, repetition and reversal are all the same
// nest of loops over a box of elements; each axis has a length, a stride in the source and a stride in the target. A
// stride of 0 in the source repeats elements, a negative one reverses them.
//
// The nest is first brought into its fastest order: axes that follow each other in both arrays become one, and the
// innermost axis is the one along which the target is contiguous. What the source does along that axis decides how the
// two innermost axes are copied: as runs, as a transposition in tiles, or element by element.
//
// Elements are moved as they are, so they may be of any type of 32 bits.
#include "parallel.h"

using Offset = decltype(static_cast<char*>(nullptr) - static_cast<char*>(nullptr));

// Strides count elements.
struct Axis {
  int length, source, target;
};

constexpr int kMaxAxes = 20;
// Elements for which it pays to call another thread.
constexpr Size kCopyGrain = 16384;

struct Box {
  int rank;
  Axis axes[kMaxAxes];
};

INLINE int magnitude(int stride) { return stride < 0 ? -stride : stride; }

// The same box with its axes from the innermost of the target to the outermost, and those merged that follow each other
// in both arrays. It has two axes at least.
static Box normalized(const Box& box) {
  Box result = {0, {}};
  Axis* axes = result.axes;
  for (int i = box.rank - 1; i >= 0; i--) {
    if (box.axes[i].length == 1) continue;
    int place = result.rank++;
    for (; place > 0 && magnitude(axes[place - 1].target) > magnitude(box.axes[i].target); place--) {
      axes[place] = axes[place - 1];
    }
    axes[place] = box.axes[i];
  }
  int merged = 0;
  for (int i = 1; i < result.rank; i++) {
    Axis& inner = axes[merged];
    if (axes[i].source == inner.source * inner.length && axes[i].target == inner.target * inner.length) {
      inner.length *= axes[i].length;
    } else {
      axes[++merged] = axes[i];
    }
  }
  result.rank = minimum(result.rank, merged + 1);
  while (result.rank < 2) axes[result.rank++] = {1, 1, 1};
  return result;
}

// Runs of elements that are contiguous in both arrays.
static void copy_runs(const float* x, float* y, const Axis& rows, const Axis& columns) {
  for (int i = 0; i < rows.length; i++, x += rows.source, y += rows.target) copy(y, x, columns.length);
}

// Runs of one repeated element.
static void fill_runs(const float* x, float* y, const Axis& rows, const Axis& columns) {
  for (int i = 0; i < rows.length; i++, x += rows.source, y += rows.target) fill(y, *x, columns.length);
}

static void copy_elements(const float* x, float* y, const Axis& rows, const Axis& columns) {
  // The longer of a short axis and another one is the better inner loop.
  const bool swap = columns.length < 8 && rows.length > columns.length;
  const Axis &outer = swap ? columns : rows, &inner = swap ? rows : columns;
  for (int i = 0; i < outer.length; i++, x += outer.source, y += outer.target) {
    const float* source = x;
    float* target = y;
    for (int j = 0; j < inner.length; j++, source += inner.source, target += inner.target) *target = *source;
  }
}

// Rows are contiguous in the source, columns in the target. A tile has whole cache lines on both sides.
static void transpose(const float* x, float* y, const Axis& rows, const Axis& columns) {
  constexpr int kTile = 16;
  const Offset source = columns.source, target = rows.target;
  const int whole_rows = rows.length / 4 * 4, whole_columns = columns.length / 4 * 4;
  for (int i = 0; i < whole_rows; i += kTile) {
    for (int j = 0; j < whole_columns; j += kTile) {
      const int last_row = minimum(i + kTile, whole_rows), last_column = minimum(j + kTile, whole_columns);
      for (int p = i; p < last_row; p += 4) {
        for (int q = j; q < last_column; q += 4) {
          const float* from = x + q * source + p;
          store_transposed(y + p * target + q, target, load_quad(from), load_quad(from + source),
                           load_quad(from + 2 * source), load_quad(from + 3 * source));
        }
      }
    }
  }
  const Axis upper_rows = {whole_rows, 1, rows.target}, lower_rows = {rows.length - whole_rows, 1, rows.target};
  const Axis last_columns = {columns.length - whole_columns, columns.source, 1};
  copy_elements(x + whole_columns * source, y + whole_columns, upper_rows, last_columns);
  copy_elements(x + whole_rows, y + whole_rows * target, lower_rows, columns);
}

using PlaneCopy = void (*)(const float* x, float* y, const Axis& rows, const Axis& columns);

// Chooses how the two innermost axes are copied, and moves the axis that belongs there into the second place.
static PlaneCopy choose_plane_copy(Box& box) {
  Axis &columns = box.axes[0], &rows = box.axes[1];
  if (columns.target == 1 && columns.source == 1 && columns.length >= 4) return copy_runs;
  if (columns.target == 1 && columns.source == 0 && columns.length >= 4) return fill_runs;
  if (columns.target != 1) return copy_elements;
  for (int i = 1; i < box.rank; i++) {
    if (box.axes[i].source != 1) continue;
    const Axis contiguous = box.axes[i];
    box.axes[i] = rows;
    rows = contiguous;
    return rows.length >= 4 && columns.length >= 4 ? transpose : copy_elements;
  }
  return copy_elements;
}

static void copy_box(const Box& box, int axis, const float* x, float* y, PlaneCopy copy_plane) {
  if (axis == 1) return copy_plane(x, y, box.axes[1], box.axes[0]);
  const Axis& outer = box.axes[axis];
  for (int i = 0; i < outer.length; i++, x += outer.source, y += outer.target) {
    copy_box(box, axis - 1, x, y, copy_plane);
  }
}

// y[target offset] = x[source offset] for every element of the box.
EXPORT(copy_strided)(const float* x, float* y, const Box* box) {
  Box whole = normalized(*box);
  const PlaneCopy copy_plane = choose_plane_copy(whole);
  // Threads share the outermost axis that has enough for all of them, or else the longest one.
  int shared = 0;
  Size size = 1;
  for (int i = 0; i < whole.rank; i++) {
    const int length = whole.axes[i].length;
    if (length == 0) return;
    if (length >= minimum(whole.axes[shared].length, 4 * thread_count())) shared = i;
    size *= length;
  }
  const Axis& axis = whole.axes[shared];
  parallel_for(axis.length, kCopyGrain / (size / axis.length), [&](Size begin, Size end) {
    Box part = whole;
    part.axes[shared].length = static_cast<int>(end - begin);
    copy_box(part, part.rank - 1, x + Offset(begin) * axis.source, y + Offset(begin) * axis.target, copy_plane);
  });
}

// Sets all elements to the same 32 bits.
EXPORT(fill_words)(Int32* y, Int32 bits, int length) {
  parallel_for(length, kCopyGrain, [&](Size begin, Size end) {
    for (Size i = begin; i < end; i++) y[i] = bits;
  });
}

// Images [N, height, width, C] into the middle of larger ones filled with `value`, or with `crop` back out of them.
EXPORT(pad_images)(const float* x, float* y, int batch, int height, int width, int channels, int top, int left,
                   int padded_height, int padded_width, float value, int crop) {
  const int row = width * channels, padded_row = padded_width * channels;
  const int image = height * row, padded_image = padded_height * padded_row;
  const Offset inside = Offset(top) * padded_row + left * channels;
  if (crop) {
    const Box box = {3, {{batch, padded_image, image}, {height, padded_row, row}, {row, 1, 1}}};
    return copy_strided(x + inside, y, &box);
  }
  fill(y, value, Size(batch) * padded_image);
  const Box box = {3, {{batch, image, padded_image}, {height, row, padded_row}, {row, 1, 1}}};
  copy_strided(x, y + inside, &box);
}

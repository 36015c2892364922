// Reductions of the columns of a matrix [rows, channels], to one or several numbers for each channel.
//
// The matrix is cut into parts of rows and strips of columns, one task each. What is found for the parts is put
// together in their order, and the parts follow from the sizes alone, so that the bits do not depend on the threads.
#pragma once
#include "map.h"

// Rows that are reduced at a time: a block of a strip stays in the first-level cache.
constexpr int kBlockRows = 32;
// Vectors side by side in a strip, the columns that are reduced together.
constexpr int kStripVectors = 4;
constexpr int kStrip = kStripVectors * kLanes;
// Channels are not folded into rows longer than this.
constexpr int kLongestFold = 2048;

// Floats in a table of what is found for the parts. The engine allocates the tables.
INLINE int table_length(int channels) { return maximum(16384, channels); }

// Rows that lie in memory one after the other, `width` floats each.
struct Rows {
  Size start;
  int rows, width;
};

// How the matrix is seen. `fold` rows of it are taken as one, so that a row is made of whole vectors and is not too
// short; what is found for a column then belongs to channel column % channels. Rows of the matrix that are left over
// form a part of their own.
struct Folded {
  int channels, fold, width, rows, left_over, parts;

  Folded(int matrix_rows, int channels) : channels(channels), fold(1) {
    while (fold < kLanes && channels * fold % kLanes != 0) fold *= 2;
    while (channels * fold < 2 * kStrip) fold *= 2;
    if (channels * fold > kLongestFold || fold > matrix_rows) fold = 1;
    width = channels * fold;
    rows = matrix_rows / fold;
    left_over = matrix_rows % fold;
    parts = maximum(1, minimum(minimum(rows / (4 * kBlockRows), table_length(channels) / width - 1), 64));
  }

  Size elements() const { return Size(rows) * width; }

  // A part in [0, parts), or with `parts` the rows that are left over.
  Rows part(int index) const {
    if (index == parts) return {elements(), left_over, channels};
    const Size begin = Size(rows) * index / parts, end = Size(rows) * (index + 1) / parts;
    return {begin * width, static_cast<int>(end - begin), width};
  }

  // Where a table has what is found for a column of a part.
  Size place(int part, int column) const { return Size(part) * width + column; }
};

// Calls reduce.columns<vectors>(part, column, count) for all columns of all parts; `count` is the number of columns in
// the last vector.
template <class Reduce>
INLINE void reduce_parts(const Folded& matrix, const Reduce& reduce) {
  const auto strip = [&](int part, int column) INLINE_LAMBDA {
    const int end = minimum(column + kStrip, matrix.part(part).width);
    if (end - column == kStrip) return reduce.template columns<kStripVectors>(part, column, kLanes);
    for (; column < end; column += kLanes) {
      reduce.template columns<1>(part, column, minimum(kLanes, end - column));
    }
  };
  const int strips = (matrix.width + kStrip - 1) / kStrip;
  const Size tasks = Size(matrix.parts) * strips;
  parallel_for(tasks, grain_of(tasks, matrix.elements()), [&](Size begin, Size end) {
    for (Size task = begin; task < end; task++) {
      strip(static_cast<int>(task / strips), static_cast<int>(task % strips) * kStrip);
    }
  });
  if (matrix.left_over == 0) return;
  for (int column = 0; column < matrix.channels; column += kStrip) strip(matrix.parts, column);
}

// Calls merge(place, rows) for each part and each of its folds: what was found for channel 0 lies at `place` of a
// table, and stands for `rows` rows of the matrix.
template <class Merge>
INLINE void merge_parts(const Folded& matrix, const Merge& merge) {
  for (int part = 0; part <= matrix.parts; part++) {
    const Rows rows = matrix.part(part);
    if (rows.rows == 0) continue;
    for (int column = 0; column < rows.width; column += matrix.channels) {
      merge(matrix.place(part, column), rows.rows);
    }
  }
}

// Joins what was found for all columns of a channel, halves of halves, into the first `channels` numbers of a table.
// join(target, source, length) joins arrays.
template <class Join>
INLINE void join_parts(const Folded& matrix, float* table, const Join& join) {
  const auto row = [&](int part) { return table + matrix.place(part, 0); };
  for (int part = 0; part < matrix.parts; part++) {
    for (int half = matrix.width / 2; half >= matrix.channels; half /= 2) join(row(part), row(part) + half, half);
  }
  for (int step = 1; step < matrix.parts; step *= 2) {
    for (int part = 0; part + step < matrix.parts; part += 2 * step) join(row(part), row(part + step), matrix.channels);
  }
  if (matrix.left_over > 0) join(table, row(matrix.parts), matrix.channels);
}

// Repeats the first `channels` numbers to the width of a row.
INLINE void repeat_channels(float* row, const Folded& matrix) {
  for (int column = matrix.channels; column < matrix.width; column++) row[column] = row[column - matrix.channels];
}

// Calls body(rows) for ranges of rows that make up the matrix, by several threads.
template <class Body>
INLINE void each_rows(const Folded& matrix, const Body& body) {
  parallel_for(matrix.rows, grain_of(matrix.rows, matrix.elements()), [&](Size begin, Size end) {
    body(Rows{begin * matrix.width, static_cast<int>(end - begin), matrix.width});
  });
  if (matrix.left_over > 0) body(matrix.part(matrix.parts));
}

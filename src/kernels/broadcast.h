// Functions of two arrays, element by element, with axes of length one repeated.
#pragma once
#include "map.h"

INLINE Vector repeat(float value) { return splat(value); }
INLINE IntVector repeat(Int32 value) { return splat_int(value); }

constexpr int kMostAxes = 8;

// How the operands meet. The axes are those of the result, neighbours merged where both operands allow it; an operand's
// stride is 0 along an axis that is repeated. Along the last axis a stride is 0 or 1.
struct Broadcast {
  int axes, lengths[kMostAxes], a_strides[kMostAxes], b_strides[kMostAxes];
};

// Place of a row, a run along the last axis, in the operands.
class RowWalk {
 public:
  RowWalk(const Broadcast& shape, Size row) : shape(shape) {
    for (int axis = shape.axes - 2; axis >= 0; axis--) {
      index[axis] = static_cast<int>(row % shape.lengths[axis]);
      row /= shape.lengths[axis];
      a += Size(index[axis]) * shape.a_strides[axis];
      b += Size(index[axis]) * shape.b_strides[axis];
    }
  }

  void next() {
    for (int axis = shape.axes - 2; axis >= 0; axis--) {
      a += shape.a_strides[axis];
      b += shape.b_strides[axis];
      if (++index[axis] < shape.lengths[axis]) return;
      a -= Size(shape.lengths[axis]) * shape.a_strides[axis];
      b -= Size(shape.lengths[axis]) * shape.b_strides[axis];
      index[axis] = 0;
    }
  }

  Size a = 0, b = 0;

 private:
  const Broadcast& shape;
  int index[kMostAxes];
};

// y = function(a, b). Elements of the operands and of the result can be of any type that vectors are loaded of and
// stored to.
template <class Element, class Result, class Function>
INLINE void combine(const Broadcast& shape, const Element* a, const Element* b, Result* y, const Function& function) {
  Size size = 1;
  for (int axis = 0; axis < shape.axes; axis++) size *= shape.lengths[axis];
  const Size inner = shape.lengths[shape.axes - 1];
  const bool a_repeats = shape.a_strides[shape.axes - 1] == 0, b_repeats = shape.b_strides[shape.axes - 1] == 0;
  parallel_for(size, kGrain, [&](Size begin, Size end) {
    RowWalk row(shape, begin / inner);
    Size first = begin % inner;
    for (Size place = begin; place < end; row.next(), first = 0) {
      const Size length = minimum(inner - first, end - place);
      Result* target = y + place;
      const Element *left = a + row.a, *right = b + row.b;
      if (a_repeats) {
        const auto p = repeat(*left);
        right += first;
        each_vector(length, [&](Size i, int count) INLINE_LAMBDA {
          store_part(target + i, function(p, load_part(right + i, count)), count);
        });
      } else if (b_repeats) {
        const auto q = repeat(*right);
        left += first;
        each_vector(length, [&](Size i, int count) INLINE_LAMBDA {
          store_part(target + i, function(load_part(left + i, count), q), count);
        });
      } else {
        left += first;
        right += first;
        each_vector(length, [&](Size i, int count) INLINE_LAMBDA {
          store_part(target + i, function(load_part(left + i, count), load_part(right + i, count)), count);
        });
      }
      place += length;
    }
  });
}

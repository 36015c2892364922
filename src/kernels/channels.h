// Vectors over the channels of pixels, for images [N, H, W, C] whose channels may be fewer than a register holds.
#pragma once
#include "vector.h"

template <int Count>
struct Lanes {
  static constexpr int kCount = Count;
  typedef float Floats __attribute__((vector_size(Count * sizeof(float))));
  typedef Int32 Ints __attribute__((vector_size(Count * sizeof(Int32))));
  typedef float UnalignedFloats __attribute__((vector_size(Count * sizeof(float)), aligned(alignof(float)), may_alias));
  typedef Int32 UnalignedInts __attribute__((vector_size(Count * sizeof(Int32)), aligned(alignof(Int32)), may_alias));

  INLINE Floats load(const float* source) { return *reinterpret_cast<const UnalignedFloats*>(source); }
  INLINE Ints load(const Int32* source) { return *reinterpret_cast<const UnalignedInts*>(source); }
  INLINE void store(float* target, Floats value) { *reinterpret_cast<UnalignedFloats*>(target) = value; }
  INLINE void store(Int32* target, Ints value) { *reinterpret_cast<UnalignedInts*>(target) = value; }
  INLINE Floats splat(float value) { return value - Floats{}; }
  INLINE Ints splat(Int32 value) { return value - Ints{}; }
};

// Single numbers, for images of very few channels, in the first lane of a vector: scalars would be chosen by jumps.
template <>
struct Lanes<1> {
  static constexpr int kCount = 1;
  using Floats = Lanes<4>::Floats;
  using Ints = Lanes<4>::Ints;

  INLINE Floats load(const float* source) { return Floats{*source}; }
  INLINE Ints load(const Int32* source) { return Ints{*source}; }
  INLINE void store(float* target, Floats value) { *target = value[0]; }
  INLINE void store(Int32* target, Ints value) { *target = value[0]; }
  INLINE Floats splat(float value) { return Floats{value}; }
  INLINE Ints splat(Int32 value) { return Ints{value}; }
};

// Calls body(lanes) with the widest vectors that the channels fill.
template <class Body>
INLINE void with_lanes(int channels, const Body& body) {
  if (channels >= kLanes) return body(Lanes<kLanes>{});
  if constexpr (kLanes > 4) {
    if (channels >= 4) return body(Lanes<4>{});
  }
  body(Lanes<1>{});
}

// How many vectors are computed side by side.
template <int Number>
struct Times {
  static constexpr int kNumber = Number;
};

// Calls step(times, channel) for groups of vectors, `Number` at a time, that cover all channels. The last vector may
// overlap the one before, so a step must not add to what is there.
template <class Vectors, int Number, class Step>
INLINE void each_group(int channels, const Step& step) {
  constexpr int count = Vectors::kCount;
  int c = 0;
  for (; c + Number * count <= channels; c += Number * count) step(Times<Number>{}, c);
  for (; c + count <= channels; c += count) step(Times<1>{}, c);
  if (c < channels) step(Times<1>{}, channels - count);
}

// Calls step(0), ..., step(Number - 1), each with a number that the compiler knows.
template <int Number, class Step>
INLINE void unrolled(const Step& step) {
  if constexpr (Number > 0) {
    unrolled<Number - 1>(step);
    step(Number - 1);
  }
}

// Short vectors of floats on the vector extensions of GCC and Clang, and the few helpers that all kernels share.
//
// The sources include no library header: the WebAssembly build has none.
#pragma once

using Int32 = int;
using Size = decltype(sizeof 0);

// Floats in a vector: 4 for WebAssembly SIMD.
constexpr int kLanes = 4;

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
typedef Int32 IntVector __attribute__((vector_size(kLanes * sizeof(Int32))));
// A vector at an address that is aligned for floats only.
typedef float UnalignedVector __attribute__((vector_size(kLanes * sizeof(float)), aligned(alignof(float)), may_alias));

#define INLINE static inline __attribute__((always_inline))

// Marks a function that the engine calls by name.
#define EXPORT(name) extern "C" __attribute__((export_name(#name))) void name

INLINE Vector load(const float* source) { return *reinterpret_cast<const UnalignedVector*>(source); }

INLINE void store(float* target, Vector value) { *reinterpret_cast<UnalignedVector*>(target) = value; }

INLINE Vector splat(float value) { return Vector{value, value, value, value}; }

// Lanes of `a` where the mask is set, of `b` elsewhere.
INLINE Vector select(IntVector mask, Vector a, Vector b) {
  return (Vector)(((IntVector)a & mask) | ((IntVector)b & ~mask));
}

INLINE float sum(Vector v) { return (v[0] + v[1]) + (v[2] + v[3]); }

// Stores the columns of the matrix whose rows are the four vectors, `stride` floats apart.
INLINE void store_transposed(float* target, Size stride, Vector a, Vector b, Vector c, Vector d) {
  const Vector ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Vector cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store(target, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  store(target + stride, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  store(target + 2 * stride, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  store(target + 3 * stride, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

template <class T>
INLINE T minimum(T a, T b) { return a < b ? a : b; }

template <class T>
INLINE T maximum(T a, T b) { return a > b ? a : b; }

INLINE void copy(float* target, const float* source, int length) {
  int i = 0;
  for (; i + kLanes <= length; i += kLanes) store(target + i, load(source + i));
  for (; i < length; i++) target[i] = source[i];
}

INLINE void fill(float* target, float value, Size length) {
  for (Size i = 0; i < length; i++) target[i] = value;
}

// target += source
INLINE void accumulate(float* target, const float* source, int length) {
  int i = 0;
  for (; i + kLanes <= length; i += kLanes) store(target + i, load(target + i) + load(source + i));
  for (; i < length; i++) target[i] += source[i];
}

// Short vectors of floats on the vector extensions of GCC and Clang, and the few helpers that all kernels share.
//
// The sources include no library header: the WebAssembly build has none, and the native build compiles them once for
// each instruction set, where inline functions of a library would be merged across instruction sets.
#pragma once

using Int32 = int;
using Size = decltype(sizeof 0);

// Floats in a vector: a register of the instruction set that the file is compiled for.
#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;  // WebAssembly SIMD, SSE, NEON
#endif

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
typedef Int32 IntVector __attribute__((vector_size(kLanes * sizeof(Int32))));
// A vector at an address that is aligned for floats only.
typedef float UnalignedVector __attribute__((vector_size(kLanes * sizeof(float)), aligned(alignof(float)), may_alias));
typedef Int32 UnalignedIntVector
    __attribute__((vector_size(kLanes * sizeof(Int32)), aligned(alignof(Int32)), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define INLINE_LAMBDA __attribute__((always_inline))

// Marks a function that the engine calls by name.
#if defined(__wasm__)
#define EXPORT(name) extern "C" __attribute__((export_name(#name))) void name
#else
#define EXPORT(name) void name
#endif

INLINE Vector load(const float* source) { return *reinterpret_cast<const UnalignedVector*>(source); }

INLINE IntVector load(const Int32* source) { return *reinterpret_cast<const UnalignedIntVector*>(source); }

INLINE void store(float* target, Vector value) { *reinterpret_cast<UnalignedVector*>(target) = value; }

INLINE void store(Int32* target, IntVector value) { *reinterpret_cast<UnalignedIntVector*>(target) = value; }

// Minus zero keeps every value, that of -0 too.
INLINE Vector splat(float value) { return value - Vector{}; }

INLINE IntVector splat_int(Int32 value) { return value - IntVector{}; }

// Lanes of `a` where the mask (all bits of a lane set or none) is set, of `b` elsewhere.
INLINE Vector select(IntVector mask, Vector a, Vector b) { return mask ? a : b; }

INLINE IntVector select(IntVector mask, IntVector a, IntVector b) { return mask ? a : b; }

INLINE Vector square_root(Vector v) {
#if defined(__clang__) && __has_builtin(__builtin_elementwise_sqrt)
  return __builtin_elementwise_sqrt(v);
#else
  for (int i = 0; i < kLanes; i++) v[i] = __builtin_sqrtf(v[i]);
  return v;
#endif
}

// Sum of the lanes, halves first.
INLINE float sum(Vector v) {
  float lanes[kLanes];
  store(lanes, v);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

// Four floats, whatever the instruction set.
typedef float Quad __attribute__((vector_size(4 * sizeof(float))));
typedef float UnalignedQuad __attribute__((vector_size(4 * sizeof(float)), aligned(alignof(float)), may_alias));

INLINE Quad load_quad(const float* source) { return *reinterpret_cast<const UnalignedQuad*>(source); }

INLINE void store_quad(float* target, Quad value) { *reinterpret_cast<UnalignedQuad*>(target) = value; }

// Stores the columns of the matrix whose rows are the four quads, `stride` floats apart.
INLINE void store_transposed(float* target, Size stride, Quad a, Quad b, Quad c, Quad d) {
  const Quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store_quad(target, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  store_quad(target + stride, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  store_quad(target + 2 * stride, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  store_quad(target + 3 * stride, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

template <class T>
INLINE T minimum(T a, T b) { return a < b ? a : b; }

template <class T>
INLINE T maximum(T a, T b) { return a > b ? a : b; }

// Calls `step(offset, count)` for every vector of `length` elements; count is less than kLanes at the end only.
template <class Step>
INLINE void each_vector(Size length, const Step& step) {
  Size i = 0;
  for (; i + kLanes <= length; i += kLanes) step(i, kLanes);
  if (i < length) step(i, static_cast<int>(length - i));
}

// The first `count` lanes from memory, zero in the others.
INLINE Vector load_part(const float* source, int count) {
  if (count == kLanes) return load(source);
  Vector value = {};
  for (int j = 0; j < count; j++) value[j] = source[j];
  return value;
}

INLINE void store_part(float* target, Vector value, int count) {
  if (count == kLanes) return store(target, value);
  for (int j = 0; j < count; j++) target[j] = value[j];
}

// Copies with whole vectors where it can: the last one overlaps the one before.
INLINE void copy(float* target, const float* source, Size length) {
  if (length >= kLanes) {
    for (Size i = 0; i + kLanes <= length; i += kLanes) store(target + i, load(source + i));
    if (length % kLanes) store(target + length - kLanes, load(source + length - kLanes));
  } else if (length >= 4) {
    for (Size i = 0; i + 4 <= length; i += 4) store_quad(target + i, load_quad(source + i));
    if (length % 4) store_quad(target + length - 4, load_quad(source + length - 4));
  } else {
    for (Size i = 0; i < length; i++) target[i] = source[i];
  }
}

INLINE void fill(float* target, float value, Size length) {
  for (Size i = 0; i < length; i++) target[i] = value;
}

// target += source
INLINE void accumulate(float* target, const float* source, Size length) {
  Size i = 0;
  for (; i + kLanes <= length; i += kLanes) store(target + i, load(target + i) + load(source + i));
  for (; i + 4 <= length; i += 4) store_quad(target + i, load_quad(target + i) + load_quad(source + i));
  for (; i < length; i++) target[i] += source[i];
}

// target += source * factor
INLINE void accumulate_scaled(float* target, const float* source, float factor, Size length) {
  const Vector factors = splat(factor);
  Size i = 0;
  for (; i + kLanes <= length; i += kLanes) store(target + i, load(target + i) + load(source + i) * factors);
  for (; i < length; i++) target[i] += source[i] * factor;
}

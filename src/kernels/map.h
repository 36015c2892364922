// Functions of vectors applied to arrays, by several threads.
#pragma once
#include "parallel.h"

// Elements below which another thread is not worth its start.
constexpr Size kGrain = 16384;

// The least number of units of work for a thread, when all units together make `elements` elements.
INLINE Size grain_of(Size units, Size elements) { return units * kGrain / maximum(elements, Size(1)) + 1; }

// Unsigned integers, which wrap around where signed ones must not.
typedef unsigned WordVector __attribute__((vector_size(kLanes * sizeof(unsigned))));

// As those for floats.
INLINE IntVector load_part(const Int32* source, int count) {
  if (count == kLanes) return load(source);
  IntVector value = {};
  for (int j = 0; j < count; j++) value[j] = source[j];
  return value;
}

INLINE void store_part(Int32* target, IntVector value, int count) {
  if (count == kLanes) return store(target, value);
  for (int j = 0; j < count; j++) target[j] = value[j];
}

// Truth values: 1 for lanes whose mask is set, 0 for the others.
using Byte = unsigned char;
typedef Byte ByteVector __attribute__((vector_size(kLanes)));

INLINE void store_part(Byte* target, IntVector mask, int count) {
  const ByteVector bytes = __builtin_convertvector(mask & 1, ByteVector);
  for (int i = 0; i < count; i++) target[i] = bytes[i];
}

// y = function(sources...), vector by vector.
template <class Result, class Function, class... Source>
INLINE void map(Result* y, Size length, const Function& function, const Source*... sources) {
  parallel_for(length, kGrain, [&](Size begin, Size end) {
    each_vector(end - begin, [&](Size i, int count) INLINE_LAMBDA {
      store_part(y + begin + i, function(load_part(sources + begin + i, count)...), count);
    });
  });
}

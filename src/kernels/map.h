// Functions of vectors applied to arrays, by several threads.
#pragma once
#include "parallel.h"

// Elements below which another thread is not worth its start.
constexpr Size kGrain = 16384;

// The least number of units of work for a thread, when all units together make `elements` elements.
INLINE Size grain_of(Size units, Size elements) { return units * kGrain / maximum(elements, Size(1)) + 1; }

// y = function(sources...), vector by vector.
template <class Function, class... Source>
INLINE void map(float* y, Size length, const Function& function, const Source*... sources) {
  parallel_for(length, kGrain, [&](Size begin, Size end) {
    each_vector(end - begin, [&](Size i, int count) INLINE_LAMBDA {
      store_part(y + begin + i, function(load_part(sources + begin + i, count)...), count);
    });
  });
}

// What the machine can do at most: multiplications and additions whose operands never leave the registers, on all
// threads. Rates of other kernels are shares of this one (the "roof" of S. Williams, A. Waterman and D. Patterson,
// "Roofline: an insightful visual performance model for multicore architectures", CACM 52(4), 2009).
#include "parallel.h"

// Enough independent chains to hide the latency of an addition behind the others, few enough to stay in 16 registers.
constexpr int kChains = 12;

// Runs `iterations` rounds on every thread. result[0] becomes the number of floating-point operations of them all.
EXPORT(peak)(float* result, int iterations) {
  const int threads = thread_count();
  parallel(threads, [&](int part) {
    const Vector factor = splat(0.5f), summand = splat(1.0f + static_cast<float>(part));
    Vector chains[kChains];
    for (int i = 0; i < kChains; i++) chains[i] = splat(static_cast<float>(i));
    for (int round = 0; round < iterations; round++) {
#pragma GCC unroll 16
      for (int i = 0; i < kChains; i++) chains[i] = chains[i] * factor + summand;
    }
    Vector total = {};
    for (int i = 0; i < kChains; i++) total += chains[i];
    // Without a use of the result the compiler would leave the loop out.
    volatile float used = sum(total);
    (void)used;
  });
  result[0] = 2.0f * kChains * kLanes * static_cast<float>(threads) * static_cast<float>(iterations);
}

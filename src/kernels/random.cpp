// Tensors of random numbers: those of `RandomStream` in src/common/random.ts, bit for bit, with every instruction set.
//
// Everything is computed in double precision in the order of operations that JavaScript has, and no product is fused
// into a sum.
#include "random_words.h"

constexpr int kDoubles = kLanes / 2;

typedef double Double __attribute__((vector_size(kDoubles * sizeof(double))));
typedef long long Mask __attribute__((vector_size(kDoubles * sizeof(long long))));
typedef unsigned long long Bits __attribute__((vector_size(kDoubles * sizeof(long long))));
typedef unsigned Words __attribute__((vector_size(kDoubles * sizeof(unsigned)), aligned(alignof(unsigned)), may_alias));
typedef Int32 SignedWords __attribute__((vector_size(kDoubles * sizeof(Int32))));
typedef float Floats __attribute__((vector_size(kDoubles * sizeof(float)), aligned(alignof(float)), may_alias));

INLINE Double splat_double(double value) { return value - Double{}; }

// a * b, rounded: the compiler sees no product that it could fuse into a sum.
INLINE Double product(Double a, Double b) {
  Double result = a * b;
#if defined(__x86_64__)
  asm("" : "+v"(result));
#elif defined(__aarch64__)
  asm("" : "+w"(result));
#endif
  return result;
}

INLINE Double product(Double a, double b) { return product(a, splat_double(b)); }

// Coefficients from the highest power down to the constant (Horner's scheme).
template <class... Coefficient>
INLINE Double polynomial(Double x, double highest, Coefficient... coefficients) {
  Double result = splat_double(highest);
  ((result = product(result, x) + coefficients), ...);
  return result;
}

INLINE Double square_root(Double v) {
#if defined(__clang__) && __has_builtin(__builtin_elementwise_sqrt)
  return __builtin_elementwise_sqrt(v);
#else
  for (int i = 0; i < kDoubles; i++) v[i] = __builtin_sqrt(v[i]);
  return v;
#endif
}

// The words as numbers plus one half. Signed integers are what all instruction sets convert.
INLINE Double middle_of(Words words) {
  return __builtin_convertvector((SignedWords)(words ^ 0x80000000u), Double) + 2147483648.5;
}

// Natural logarithm of normal numbers that are positive; `logarithmOf` in src/common/word-functions.ts.
INLINE Double logarithm(Double x) {
  // x = 2^k m with m in [sqrt(1/2), sqrt(2)).
  const Bits shifted = (Bits)x + (0x3ff0000000000000ull - 0x3fe6a09e00000000ull);
  const Double k = (Double)((shifted >> 52) | 0x4330000000000000ull) - (4503599627370496.0 + 1023);
  const Double f = (Double)((shifted & 0xfffffffffffffull) + 0x3fe6a09e00000000ull) - 1;
  const Double s = f / (f + 2), z = product(s, s), half = product(product(f, 0.5), f);
  const Double rest = product(polynomial(z, 1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1,
                                         2.222219843214978396e-1, 2.857142874366239149e-1, 3.999999999940941908e-1,
                                         6.666666666666735130e-1), z);
  const Double small = product(s, half + rest) + product(k, 1.90821492927058770002e-10);
  return product(k, 6.93147180369123816490e-01) - ((half - small) - f);
}

struct SineAndCosine {
  Double sine, cosine;
};

// Sine and cosine of 2 pi word / 2^32; `sineOf` and `cosineOf` in src/common/word-functions.ts.
INLINE SineAndCosine sine_and_cosine(Words words) {
  const Double angle = product(middle_of(words) - 0.5, 6.283185307179586) * 2.3283064365386963e-10;
  // The angle from the nearest multiple of pi / 2, which is taken off in two parts.
  const Double quarter = __builtin_convertvector((SignedWords)((words >> 30) + (words >> 29 & 1u)), Double);
  const Double x = (angle - product(quarter, 1.57079632673412561417)) - product(quarter, 6.07710050650619224932e-11);
  const Double z = product(x, x);
  const Double sine = x + product(product(z, x), polynomial(z, 1.58969099521155010221e-10, -2.50507602534068634195e-8,
                                                            2.75573137070700676789e-6, -1.98412698298579493134e-4,
                                                            8.33333333332248946124e-3, -1.66666666666666324348e-1));
  const Double half = product(z, 0.5), whole = 1 - half;
  const Double tail = product(product(z, z), polynomial(z, -1.13596475577881948265e-11, 2.08757232129817482790e-9,
                                                        -2.75573143513906633035e-7, 2.48015872894767294178e-5,
                                                        -1.38888888888741095749e-3, 4.16666666666666019037e-2));
  const Double cosine = whole + (((1 - whole) - half) + tail);
  const Mask swapped = (quarter == 1) | (quarter == 3);
  const Mask below = (quarter == 2) | (quarter == 3), left = (quarter == 1) | (quarter == 2);
  const Bits sign = Bits{} + 0x8000000000000000ull;
  return {(Double)((Bits)(swapped ? cosine : sine) ^ ((Bits)below & sign)),
          (Double)((Bits)(swapped ? sine : cosine) ^ ((Bits)left & sign))};
}

INLINE Words load_words(const unsigned* source) { return *reinterpret_cast<const Words*>(source); }

INLINE void store_rounded(float* target, Double values) {
  *reinterpret_cast<Floats*>(target) = __builtin_convertvector(values, Floats);
}

// Fills y with numbers for the words of a stream; compute(words, numbers) gets those of kCounters blocks, word j of each
// in row j, and gives as many numbers.
template <class Compute>
INLINE void fill_randomly(float* y, const Stream& stream, Size length, const Compute& compute) {
  each_group(length, [&](Size group, int elements) {
    unsigned words[4][kCounters];
    float numbers[4][kCounters], all[kWords];
    random_words(stream, group * kCounters, words);
    compute(words, numbers);
    float* target = y + group * kWords;
    if (elements == kWords) return interleave(numbers, target);
    interleave(numbers, all);
    for (int i = 0; i < elements; i++) target[i] = all[i];
  });
}

// y = numbers uniform in [low, low + scale * 2^32)
EXPORT(random_uniform)(float* y, const Stream* stream, int length, double low, double scale) {
  fill_randomly(y, *stream, length, [=](const auto& words, auto& numbers) INLINE_LAMBDA {
    for (int row = 0; row < 4; row++) {
      for (int i = 0; i < kCounters; i += kDoubles) {
        store_rounded(numbers[row] + i, low + product(middle_of(load_words(words[row] + i)), scale));
      }
    }
  });
}

// y = normally distributed numbers, two of two words (G. E. P. Box and M. E. Muller, 1958)
EXPORT(random_normal)(float* y, const Stream* stream, int length, double mean, double deviation) {
  fill_randomly(y, *stream, length, [=](const auto& words, auto& numbers) INLINE_LAMBDA {
    for (int row = 0; row < 4; row += 2) {
      for (int i = 0; i < kCounters; i += kDoubles) {
        const Double logarithms = logarithm(middle_of(load_words(words[row] + i)) * 2.3283064365386963e-10);
        const Double radius = product(square_root(-2 * logarithms), deviation);
        const auto [sine, cosine] = sine_and_cosine(load_words(words[row + 1] + i));
        store_rounded(numbers[row] + i, mean + product(radius, cosine));
        store_rounded(numbers[row + 1] + i, mean + product(radius, sine));
      }
    }
  });
}

// Dropout (N. Srivastava et al., 2014) with random words of Philox4x32-10 (J. K. Salmon et al., "Parallel random
// numbers: as easy as 1, 2, 3", 2011): four words follow from a counter alone, so that threads need no common state.
#include "map.h"

// Counters whose words are computed together, and the elements that these serve.
constexpr int kCounters = 16;
constexpr int kElements = 4 * kCounters;

// A stream of words, `key` and the upper half of the counter; the lower half counts blocks of four words. Elements whose
// word is less than the threshold are dropped.
struct Stream {
  unsigned key[2], counter[2], threshold;
};

// words[4 i + j] = word j of block first + i.
static void random_words(const Stream& stream, Size first, unsigned words[kElements]) {
  unsigned c0[kCounters], c1[kCounters], c2[kCounters], c3[kCounters];
  for (int i = 0; i < kCounters; i++) {
    const unsigned long long block = first + i;
    c0[i] = static_cast<unsigned>(block);
    c1[i] = static_cast<unsigned>(block >> 32);
    c2[i] = stream.counter[0];
    c3[i] = stream.counter[1];
  }
  unsigned k0 = stream.key[0], k1 = stream.key[1];
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < kCounters; i++) {
      const unsigned long long a = 0xd2511f53ull * c0[i], b = 0xcd9e8d57ull * c2[i];
      c0[i] = static_cast<unsigned>(b >> 32) ^ c1[i] ^ k0;
      c1[i] = static_cast<unsigned>(b);
      c2[i] = static_cast<unsigned>(a >> 32) ^ c3[i] ^ k1;
      c3[i] = static_cast<unsigned>(a);
    }
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  for (int i = 0; i < kCounters; i++) {
    words[4 * i] = c0[i];
    words[4 * i + 1] = c1[i];
    words[4 * i + 2] = c2[i];
    words[4 * i + 3] = c3[i];
  }
}

// Calls body(group, elements) for groups of kElements elements, by several threads; the last may have fewer.
template <class Body>
INLINE void each_group(int length, const Body& body) {
  const Size groups = (Size(length) + kElements - 1) / kElements;
  parallel_for(groups, kGrain / kElements, [&](Size begin, Size end) {
    for (Size group = begin; group < end; group++) {
      body(group, static_cast<int>(minimum(Size(kElements), length - group * kElements)));
    }
  });
}

// y = scale * x for elements that are kept, 0 * x for the others. `mask` gets a bit for each element, 1 for those that
// are kept, in whole groups of kElements.
EXPORT(dropout)(const float* x, float* y, unsigned* mask, const Stream* stream, int length, float scale) {
  each_group(length, [&](Size group, int elements) {
    unsigned words[kElements];
    random_words(*stream, group * kCounters, words);
    const float* source = x + group * kElements;
    float* target = y + group * kElements;
    for (int i = 0; i < elements; i++) target[i] = source[i] * (words[i] >= stream->threshold ? scale : 0);
    for (int half = 0; half < 2; half++) {
      unsigned bits = 0;
      for (int i = 0; i < 32; i++) bits |= (words[32 * half + i] >= stream->threshold ? 1u : 0u) << i;
      mask[2 * group + half] = bits;
    }
  });
}

// dx = scale * dy for elements that were kept, 0 * dy for the others.
EXPORT(dropout_gradient)(const float* dy, const unsigned* mask, float* dx, int length, float scale) {
  each_group(length, [&](Size group, int elements) {
    const float* source = dy + group * kElements;
    float* target = dx + group * kElements;
    for (int i = 0; i < elements; i++) {
      const bool kept = mask[2 * group + i / 32] >> (i % 32) & 1;
      target[i] = source[i] * (kept ? scale : 0);
    }
  });
}

// Random words of Philox4x32-10 (J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): four words
// follow from a counter alone, so that threads need no common state.
#pragma once
#include "parallel.h"

// Counters whose words are computed together, and the words that these give.
constexpr int kCounters = 16;
constexpr int kWords = 4 * kCounters;

// A stream of words: `key` and the upper half of the counter; the lower half counts blocks of four words.
struct Stream {
  unsigned key[2], counter[2];
};

// words[j][i] = word j of block first + i.
INLINE void random_words(const Stream& stream, Size first, unsigned words[4][kCounters]) {
  unsigned *c0 = words[0], *c1 = words[1], *c2 = words[2], *c3 = words[3];
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
}

// target[4 i + j] = values[j][i]
template <class T>
INLINE void interleave(const T values[4][kCounters], T target[kWords]) {
  for (int i = 0; i < kCounters; i++) {
    for (int j = 0; j < 4; j++) target[4 * i + j] = values[j][i];
  }
}

// Calls body(group, elements) for groups of kWords elements, by several threads; the last may have fewer.
template <class Body>
INLINE void each_group(Size length, const Body& body) {
  const Size groups = (length + kWords - 1) / kWords;
  parallel_for(groups, kGrain / kWords, [&](Size begin, Size end) {
    for (Size group = begin; group < end; group++) {
      body(group, static_cast<int>(minimum(Size(kWords), length - group * kWords)));
    }
  });
}

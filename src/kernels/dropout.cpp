// Dropout (N. Srivastava et al., 2014).
#include "random_words.h"

// Elements whose word of the stream is less than the threshold are dropped.
struct Selection {
  Stream stream;
  unsigned threshold;
};

// y = scale * x for elements that are kept, 0 * x for the others. `mask` gets a bit for each element, 1 for those that
// are kept, in whole groups of kWords.
EXPORT(dropout)(const float* x, float* y, unsigned* mask, const Selection* selection, int length, float scale) {
  each_group(length, [&](Size group, int elements) {
    unsigned parts[4][kCounters], words[kWords];
    random_words(selection->stream, group * kCounters, parts);
    interleave(parts, words);
    const float* source = x + group * kWords;
    float* target = y + group * kWords;
    for (int i = 0; i < elements; i++) target[i] = source[i] * (words[i] >= selection->threshold ? scale : 0);
    for (int half = 0; half < 2; half++) {
      unsigned bits = 0;
      for (int i = 0; i < 32; i++) bits |= (words[32 * half + i] >= selection->threshold ? 1u : 0u) << i;
      mask[2 * group + half] = bits;
    }
  });
}

// dx = scale * dy for elements that were kept, 0 * dy for the others.
EXPORT(dropout_gradient)(const float* dy, const unsigned* mask, float* dx, int length, float scale) {
  each_group(length, [&](Size group, int elements) {
    const float* source = dy + group * kWords;
    float* target = dx + group * kWords;
    for (int i = 0; i < elements; i++) {
      const bool kept = mask[2 * group + i / 32] >> (i % 32) & 1;
      target[i] = source[i] * (kept ? scale : 0);
    }
  });
}

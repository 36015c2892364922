// The elements of x[outer, length, inner] along the middle axis in ascending or descending order, and their places; equal
// ones keep their order, and NaN counts as the largest.
//
// Each element gets a key, an unsigned number with the same order. Long rows of keys are sorted by their digits of eight
// bits, the lowest first (H. H. Seward, 1954; Knuth, "The Art of Computer Programming", vol. 3, section 5.2.5, algorithm
// R), which takes a time proportional to their length; short ones by insertion.
#include "map.h"

using Key = unsigned;

constexpr int kDigits = 4, kDigitValues = 256;
// Rows up to this length are sorted by insertion.
constexpr int kLongestInsertion = 48;

// 0 and -0 are equal, and so are all NaN.
INLINE Key key_of(float value) {
  if (value != value) return ~Key(0);
  const Key bits = __builtin_bit_cast(Key, value + 0.0f);
  return bits >> 31 ? ~bits : bits | Key(1) << 31;
}

INLINE Key key_of(Int32 value) { return static_cast<Key>(value) ^ Key(1) << 31; }

// The keys of a row, and the places of their elements.
struct Keys {
  Key* keys;
  Int32* places;
};

INLINE void sort_by_insertion(const Keys& row, int length) {
  for (int i = 1; i < length; i++) {
    const Key key = row.keys[i];
    const Int32 place = row.places[i];
    int j = i;
    for (; j > 0 && row.keys[j - 1] > key; j--) {
      row.keys[j] = row.keys[j - 1];
      row.places[j] = row.places[j - 1];
    }
    row.keys[j] = key;
    row.places[j] = place;
  }
}

INLINE int digit_of(Key key, int digit) { return static_cast<int>(key >> 8 * digit & (kDigitValues - 1)); }

// Sorts a row with the help of another; the result is the row returned.
static Keys sort_by_digits(Keys row, Keys other, int length) {
  int counts[kDigits][kDigitValues] = {};
  for (int i = 0; i < length; i++) {
    for (int digit = 0; digit < kDigits; digit++) counts[digit][digit_of(row.keys[i], digit)]++;
  }
  for (int digit = 0; digit < kDigits; digit++) {
    int* ends = counts[digit];
    if (ends[digit_of(row.keys[0], digit)] == length) continue;
    for (int value = 0, start = 0; value < kDigitValues; value++) {
      const int count = ends[value];
      ends[value] = start;
      start += count;
    }
    for (int i = 0; i < length; i++) {
      const int target = ends[digit_of(row.keys[i], digit)]++;
      other.keys[target] = row.keys[i];
      other.places[target] = row.places[i];
    }
    const Keys sorted = other;
    other = row;
    row = sorted;
  }
  return row;
}

// `scratch` has four words for each element of a row, for each thread.
template <class T>
INLINE void sort_rows(const T* x, T* y, Int32* places, unsigned* scratch, int outer, int length, int inner,
                      int descending) {
  const Size rows = Size(outer) * inner;
  const int parts = parts_of(rows, grain_of(rows, 8 * rows * length));
  parallel(parts, [&](int part) {
    const auto words = [&](int index) { return scratch + (Size(part) * 4 + index) * length; };
    const Keys first = {words(0), reinterpret_cast<Int32*>(words(1))};
    const Keys second = {words(2), reinterpret_cast<Int32*>(words(3))};
    for (Size i = rows * part / parts; i < rows * (part + 1) / parts; i++) {
      const Size start = i / inner * length * inner + i % inner;
      for (int j = 0; j < length; j++) {
        const Key key = key_of(x[start + Size(j) * inner]);
        first.keys[j] = descending ? ~key : key;
        first.places[j] = j;
      }
      Keys sorted = first;
      if (length <= kLongestInsertion) sort_by_insertion(first, length);
      else sorted = sort_by_digits(first, second, length);
      for (int j = 0; j < length; j++) {
        y[start + Size(j) * inner] = x[start + Size(sorted.places[j]) * inner];
        places[start + Size(j) * inner] = sorted.places[j];
      }
    }
  });
}

EXPORT(sort)(const float* x, float* y, Int32* places, unsigned* scratch, int outer, int length, int inner,
             int descending) {
  sort_rows(x, y, places, scratch, outer, length, inner, descending);
}

EXPORT(sort_int)(const Int32* x, Int32* y, Int32* places, unsigned* scratch, int outer, int length, int inner,
                 int descending) {
  sort_rows(x, y, places, scratch, outer, length, inner, descending);
}

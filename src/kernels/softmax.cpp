// Softmax and cross entropy of rows [rows, classes].
#include "math.h"

// The largest element of a row, and the logarithm of the sum of exp(x - largest).
struct LogSum {
  float largest, rest;
};

// y = exp(x - max(x)) / sum
static LogSum softmax_row(const float* x, float* y, int classes) {
  float highest = x[0];
  for (int c = 1; c < classes; c++) {
    if (x[c] > highest || x[c] != x[c]) highest = x[c];
  }
  float total = 0;
  int c = 0;
  for (; c + kLanes <= classes; c += kLanes) store(y + c, exponential(load(x + c) - splat(highest)));
  for (; c < classes; c++) y[c] = exponential(x[c] - highest);
  for (c = 0; c < classes; c++) total += y[c];
  for (c = 0; c < classes; c++) y[c] /= total;
  return {highest, total == total && total < __builtin_inff() ? logarithm(total) : total - total};
}

EXPORT(softmax)(const float* x, float* y, int rows, int classes) {
  for (int i = 0; i < rows; i++) softmax_row(x + Size(i) * classes, y + Size(i) * classes, classes);
}

// losses[rows]: log(sum(exp(x))) - x[label], 0 for rows with the label `ignored`.
EXPORT(softmax_cross_entropy)(const float* logits, const int* labels, float* losses, float* probabilities, int rows,
                              int classes, int ignored) {
  for (int i = 0; i < rows; i++) {
    const float* row = logits + Size(i) * classes;
    const LogSum sum = softmax_row(row, probabilities + Size(i) * classes, classes);
    const int label = labels[i];
    const bool counts = label != ignored && label >= 0 && label < classes;
    // The difference of the large parts first: it keeps the digits of the small one.
    losses[i] = counts ? sum.rest - (row[label] - sum.largest) : 0;
  }
}

// dlogits = dy (probabilities - one-hot label)
EXPORT(softmax_cross_entropy_gradient)(const float* dy, const float* probabilities, const int* labels, float* dlogits,
                                       int rows, int classes, int ignored) {
  for (int i = 0; i < rows; i++) {
    const int label = labels[i];
    const float factor = label == ignored ? 0 : dy[i];
    const Size row = Size(i) * classes;
    for (int c = 0; c < classes; c++) dlogits[row + c] = factor * (probabilities[row + c] - (c == label ? 1.f : 0.f));
  }
}

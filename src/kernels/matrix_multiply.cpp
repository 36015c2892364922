// Batched matrix products.
#include "matrix_multiply.h"

// c[batch][m, n] = op(a[batch]) op(b[batch]) (+ bias[n]); a batch stride of 0 uses one matrix for all.
EXPORT(matrix_multiply)(const float* a, const float* b, const float* bias, float* c, int batch, int m, int n, int k,
                        int transpose_a, int transpose_b, int a_batch_stride, int b_batch_stride) {
  const auto multiply_one = [&](int i, const auto& run) INLINE_LAMBDA {
    const Matrix left = {a + i * Size(a_batch_stride), Size(transpose_a ? m : k), transpose_a != 0};
    const Matrix right = {b + i * Size(b_batch_stride), Size(transpose_b ? k : n), transpose_b != 0};
    run(left, right, c + i * Size(m) * n);
  };
  if (batch < thread_count()) {
    for (int i = 0; i < batch; i++) {
      multiply_one(i, [&](const Matrix& left, const Matrix& right, float* result) {
        multiply(left, right, m, n, k, result, n, bias);
      });
    }
    return;
  }
  const Size grain = static_cast<Size>(kMultiplicationsPerThread / (double(m) * n * k + 1)) + 1;
  parallel_for(batch, grain, [&](Size begin, Size end) {
    for (Size i = begin; i < end; i++) {
      multiply_one(i, [&](const Matrix& left, const Matrix& right, float* result) {
        multiply_part(left, right, k, result, n, bias, {0, m}, {0, n});
      });
    }
  });
}

// Batched matrix products.
#include "matrix_multiply.h"

// c[batch][m, n] = op(a[batch]) op(b[batch]); a batch stride of 0 uses one matrix for all.
EXPORT(matrix_multiply)(const float* a, const float* b, float* c, int batch, int m, int n, int k, int transpose_a,
                        int transpose_b, int a_batch_stride, int b_batch_stride) {
  for (int i = 0; i < batch; i++) {
    const MatrixRows rows = {{a + i * Size(a_batch_stride), Size(transpose_a ? m : k), transpose_a != 0}};
    const Matrix columns = {b + i * Size(b_batch_stride), Size(transpose_b ? k : n), transpose_b != 0};
    multiply(m, n, k, rows, columns, c + i * Size(m) * n, n);
  }
}

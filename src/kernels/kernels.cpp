// All kernels as one translation unit.
#include "matrix_multiply.cpp"
#include "convolution.cpp"
#include "pooling.cpp"
#include "elementwise.cpp"
#include "reduction.cpp"
#include "normalization.cpp"
#include "optimizer.cpp"
#include "softmax.cpp"

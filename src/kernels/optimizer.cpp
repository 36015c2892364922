// Steps of optimizers, in place. `decay` is the factor of an L2 penalty: decay * parameter is added to the gradient.
#include "vector.h"

// p -= rate * (g + decay p)
EXPORT(sgd_step)(float* parameter, const float* gradient, int length, float rate, float decay) {
  each_vector(length, [=](Size i, int count) {
    const Vector p = load_part(parameter + i, count);
    const Vector g = load_part(gradient + i, count) + splat(decay) * p;
    store_part(parameter + i, p - splat(rate) * g, count);
  });
}

// v = momentum v + g, p -= rate * v, or with `nesterov` p -= rate * (g + momentum v)
EXPORT(momentum_step)(float* parameter, const float* gradient, float* velocity, int length, float rate, float momentum,
                      float decay, int nesterov) {
  each_vector(length, [=](Size i, int count) {
    const Vector p = load_part(parameter + i, count);
    const Vector g = load_part(gradient + i, count) + splat(decay) * p;
    const Vector v = splat(momentum) * load_part(velocity + i, count) + g;
    const Vector direction = nesterov ? g + splat(momentum) * v : v;
    store_part(velocity + i, v, count);
    store_part(parameter + i, p - splat(rate) * direction, count);
  });
}

// m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, p -= rate * m / (sqrt(v) + epsilon), where the caller has put
// the bias corrections into rate and epsilon. With `largest` (not null) the root is that of the largest v so far.
EXPORT(adam_step)(float* parameter, const float* gradient, float* first, float* second, float* largest, int length,
                  float rate, float beta1, float beta2, float epsilon, float decay) {
  each_vector(length, [=](Size i, int count) {
    const Vector p = load_part(parameter + i, count);
    const Vector g = load_part(gradient + i, count) + splat(decay) * p;
    const Vector m = splat(beta1) * load_part(first + i, count) + splat(1 - beta1) * g;
    Vector v = splat(beta2) * load_part(second + i, count) + splat(1 - beta2) * g * g;
    store_part(first + i, m, count);
    store_part(second + i, v, count);
    if (largest) {
      const Vector before = load_part(largest + i, count);
      v = select(before > v, before, v);
      store_part(largest + i, v, count);
    }
    const Vector step = m / (square_root(v) + splat(epsilon));
    store_part(parameter + i, p - splat(rate) * step, count);
  });
}

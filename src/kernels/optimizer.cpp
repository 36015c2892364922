// Steps of optimizers: one call changes all parameters, in place.
#include "map.h"

// One parameter of a step. Every field is a double, which holds addresses and lengths exactly, so that the engine fills
// a table of these in the same way on every platform.
struct Step {
  double parameter, gradient;
  // What the optimizer remembers of the parameter; 0 where it remembers less.
  double slots[3];
  // Adam: the products of all beta1 and of all beta2 so far, one number each.
  double powers[2];
  double length;
  double rate;
  // Factor of an L2 penalty: decay * parameter is added to the gradient.
  double decay;
  // Factor on the parameter itself, for a decay apart from the gradient (I. Loshchilov and F. Hutter, "Decoupled weight
  // decay regularization", 2019): 1 - rate * decay, or 1 for none.
  double shrink;
};

INLINE float* address(double field) { return reinterpret_cast<float*>(static_cast<Size>(field)); }

// A range of the elements of one parameter.
struct StepRange {
  const Step& step;
  Size length;
  float* parameter;
  const float* gradient;
  float* slots[3];
  Vector rate, decay, shrink;

  StepRange(const Step& step, Size begin, Size end)
      : step(step), length(end - begin), parameter(address(step.parameter) + begin),
        gradient(address(step.gradient) + begin), rate(splat(static_cast<float>(step.rate))),
        decay(splat(static_cast<float>(step.decay))), shrink(splat(static_cast<float>(step.shrink))) {
    for (int i = 0; i < 3; i++) slots[i] = step.slots[i] ? address(step.slots[i]) + begin : nullptr;
  }

  // Calls update(place, count, p, g) for the vectors of the range, where g is the gradient with its penalty. What it
  // returns is subtracted from the parameter.
  template <class Update>
  INLINE_LAMBDA void each(const Update& update) const {
    each_vector(length, [&](Size i, int count) INLINE_LAMBDA {
      const Vector p = load_part(parameter + i, count);
      const Vector g = load_part(gradient + i, count) + decay * p;
      store_part(parameter + i, shrink * p - update(i, count, g), count);
    });
  }
};

// Calls body(range) for ranges that make up all parameters, by several threads.
template <class Body>
INLINE void each_range(const Step* steps, int count, const Body& body) {
  Size length = 0;
  for (int i = 0; i < count; i++) length += static_cast<Size>(steps[i].length);
  parallel_for(length, kGrain, [&](Size begin, Size end) {
    Size start = 0;
    for (const Step* step = steps; start < end; step++) {
      const Size next = start + static_cast<Size>(step->length);
      const Size first = maximum(begin, start), last = minimum(end, next);
      if (first < last) body(StepRange(*step, first - start, last - start));
      start = next;
    }
  });
}

// p -= rate * g
EXPORT(sgd_step)(const Step* steps, int count) {
  each_range(steps, count, [](const StepRange& range) {
    range.each([&](Size, int, Vector g) INLINE_LAMBDA { return range.rate * g; });
  });
}

// v = momentum v + g, p -= rate * v, or with `nesterov` p -= rate * (g + momentum v)
EXPORT(momentum_step)(const Step* steps, int count, float momentum, int nesterov) {
  const Vector share = splat(momentum);
  each_range(steps, count, [=](const StepRange& range) {
    float* velocity = range.slots[0];
    range.each([&](Size i, int part, Vector g) INLINE_LAMBDA {
      const Vector v = share * load_part(velocity + i, part) + g;
      store_part(velocity + i, v, part);
      return range.rate * (nesterov ? g + share * v : v);
    });
  });
}

// m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, p -= rate_t * m / (sqrt(v) + epsilon c) with
// c = sqrt(1 - beta2^t) and rate_t = rate c / (1 - beta1^t) (D. P. Kingma and J. Ba, "Adam", 2015, end of section 2).
// With a third slot the root is that of the largest v so far (S. J. Reddi et al., "On the convergence of Adam and
// beyond", 2018).
EXPORT(adam_step)(const Step* steps, int count, float beta1, float beta2, float epsilon) {
  const Vector share1 = splat(beta1), rest1 = splat(1 - beta1), share2 = splat(beta2), rest2 = splat(1 - beta2);
  each_range(steps, count, [=](const StepRange& range) {
    const double power1 = *address(range.step.powers[0]), power2 = *address(range.step.powers[1]);
    const double correction = __builtin_sqrt(1 - power2);
    const Vector rate = splat(static_cast<float>(range.step.rate * correction / (1 - power1)));
    const Vector little = splat(static_cast<float>(epsilon * correction));
    float *first = range.slots[0], *second = range.slots[1], *largest = range.slots[2];
    range.each([&](Size i, int part, Vector g) INLINE_LAMBDA {
      const Vector m = share1 * load_part(first + i, part) + rest1 * g;
      Vector v = share2 * load_part(second + i, part) + rest2 * g * g;
      store_part(first + i, m, part);
      store_part(second + i, v, part);
      if (largest) {
        const Vector before = load_part(largest + i, part);
        v = select(before > v, before, v);
        store_part(largest + i, v, part);
      }
      return rate * (m / (square_root(v) + little));
    });
  });
  for (int i = 0; i < count; i++) {
    *address(steps[i].powers[0]) *= beta1;
    *address(steps[i].powers[1]) *= beta2;
  }
}

// average = momentum average + (1 - momentum) value, for the running statistics of a batch normalisation.
EXPORT(move_average)(float* average, const float* value, int length, float momentum, float rest) {
  each_vector(length, [=](Size i, int count) INLINE_LAMBDA {
    const Vector moved = load_part(average + i, count) * splat(momentum) + load_part(value + i, count) * splat(rest);
    store_part(average + i, moved, count);
  });
}

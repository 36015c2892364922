// Activations and their gradients, each in one pass. The formulas are those of PaddlePaddle, also at the kinks.
//
// Comparisons are written so that NaN passes through.
#include "map.h"
#include "math.h"

// The order is that of `activations` in the engine.
enum Activation {
  kRelu, kRelu6, kSigmoid, kTanh, kClip, kElu, kCelu, kSelu, kGelu, kGeluTanh, kHardShrink, kHardSigmoid, kHardSwish,
  kLeakyRelu, kLogSigmoid, kMish, kSoftplus, kSoftShrink, kSoftsign, kSwish, kTanhShrink, kThresholdedRelu
};

// Scale and shape of the scaled exponential linear unit (G. Klambauer et al., "Self-normalizing neural networks", 2017)
// are parameters; the approximation of GELU is that of D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016:
// x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
constexpr float kGeluRate = 0.79788456f, kGeluCube = 0.044715f;
// 1 / sqrt(2 pi), the density of the normal distribution at 0.
constexpr float kNormalDensity = 0.39894228f;

INLINE Vector clip(Vector v, Vector low, Vector high) { return select(v > high, high, select(v < low, low, v)); }

INLINE Vector gelu_tanh(Vector v) {
  return hyperbolic_tangent(splat(kGeluRate) * (v + splat(kGeluCube) * v * v * v));
}

// y = f(x), where a and b are the parameters of the activation.
EXPORT(activation)(int kind, const float* x, float* y, int length, float first, float second) {
  const Vector zero = {}, half = splat(0.5f), one = splat(1), six = splat(6), a = splat(first), b = splat(second);
  switch (kind) {
    case kRelu: return map(y, length, [=](Vector v) { return select(v < zero, zero, v); }, x);
    case kRelu6: return map(y, length, [=](Vector v) { return clip(v, zero, six); }, x);
    case kSigmoid: return map(y, length, [](Vector v) { return logistic(v); }, x);
    case kTanh: return map(y, length, [](Vector v) { return hyperbolic_tangent(v); }, x);
    case kClip: return map(y, length, [=](Vector v) { return clip(v, a, b); }, x);
    case kElu:
      return map(y, length, [=](Vector v) { return select(v > zero, v, a * exponential_minus_one(v)); }, x);
    case kCelu:
      return map(y, length, [=](Vector v) { return select(v > zero, v, a * exponential_minus_one(v / a)); }, x);
    case kSelu:
      return map(y, length, [=](Vector v) { return a * select(v > zero, v, b * exponential_minus_one(v)); }, x);
    case kGelu: return map(y, length, [](Vector v) { return v * normal_distribution(v); }, x);
    case kGeluTanh: return map(y, length, [=](Vector v) { return half * v * (one + gelu_tanh(v)); }, x);
    case kHardShrink: return map(y, length, [=](Vector v) { return select(absolute(v) < a, zero, v); }, x);
    case kHardSigmoid: return map(y, length, [=](Vector v) { return clip(a * v + b, zero, one); }, x);
    case kHardSwish:
      return map(y, length, [=](Vector v) { return v * clip(v + splat(3), zero, six) / six; }, x);
    case kLeakyRelu: return map(y, length, [=](Vector v) { return select(v < zero, a * v, v); }, x);
    case kLogSigmoid: return map(y, length, [](Vector v) { return -softplus(-v); }, x);
    case kMish: return map(y, length, [](Vector v) { return v * hyperbolic_tangent(softplus(v)); }, x);
    // a: factor within the exponential; from a v = b on the identity.
    case kSoftplus: return map(y, length, [=](Vector v) { return select(a * v > b, v, softplus(a * v) / a); }, x);
    case kSoftShrink:
      return map(y, length, [=](Vector v) {
        return select(v > a, v - a, select(v < -a, v + a, select(v == v, zero, v)));
      }, x);
    case kSoftsign: return map(y, length, [=](Vector v) { return v / (one + absolute(v)); }, x);
    case kSwish: return map(y, length, [](Vector v) { return v * logistic(v); }, x);
    case kTanhShrink: return map(y, length, [](Vector v) { return v - hyperbolic_tangent(v); }, x);
    case kThresholdedRelu: return map(y, length, [=](Vector v) { return select(v <= a, b, v); }, x);
  }
}

// dx = dy f'(x), from the result of the first four and from the input x of the others.
EXPORT(activation_gradient)(int kind, const float* dy, const float* saved, float* dx, int length, float first,
                            float second) {
  const Vector zero = {}, half = splat(0.5f), one = splat(1), a = splat(first), b = splat(second);
  const auto times = [=](const auto& derivative) INLINE_LAMBDA {
    map(dx, length, [&](Vector d, Vector v) INLINE_LAMBDA { return d * derivative(v); }, dy, saved);
  };
  // d where the mask is set, 0 elsewhere: unlike a product with 0 also for infinities.
  const auto where = [=](const auto& mask) INLINE_LAMBDA {
    map(dx, length, [&](Vector d, Vector v) INLINE_LAMBDA { return select(mask(v), d, zero); }, dy, saved);
  };
  switch (kind) {
    case kRelu: return where([=](Vector y) { return y > zero; });
    case kRelu6: return where([=](Vector y) { return (y > zero) & (y < splat(6)); });
    case kSigmoid: return times([=](Vector y) { return y * (one - y); });
    case kTanh: return times([=](Vector y) { return one - y * y; });
    case kClip: return where([=](Vector v) { return (v > a) & (v < b); });
    case kElu: return times([=](Vector v) { return select(v > zero, one, a * exponential(v)); });
    case kCelu: return times([=](Vector v) { return select(v > zero, one, exponential(v / a)); });
    case kSelu: return times([=](Vector v) { return a * select(v > zero, one, b * exponential(v)); });
    case kGelu:
      return times([=](Vector v) {
        return normal_distribution(v) + v * splat(kNormalDensity) * exponential(-half * v * v);
      });
    case kGeluTanh:
      return times([=](Vector v) {
        const Vector t = gelu_tanh(v), rate = splat(kGeluRate) * (one + splat(3 * kGeluCube) * v * v);
        return half * (one + t) + half * v * (one - t * t) * rate;
      });
    case kHardShrink: return where([=](Vector v) { return absolute(v) >= a; });
    case kHardSigmoid:
      return times([=](Vector v) {
        const Vector y = a * v + b;
        return select((y > zero) & (y < one), a, zero);
      });
    case kHardSwish:
      return times([=](Vector v) {
        const Vector middle = (v + v + splat(3)) / splat(6);
        return select(v < splat(3), select(v > splat(-3), middle, zero), one);
      });
    case kLeakyRelu: return times([=](Vector v) { return select(v < zero, a, one); });
    case kLogSigmoid: return times([](Vector v) { return logistic(-v); });
    case kMish:
      return times([=](Vector v) {
        const Vector t = hyperbolic_tangent(softplus(v));
        return t + v * (one - t * t) * logistic(v);
      });
    case kSoftplus: return times([=](Vector v) { return select(a * v > b, one, logistic(a * v)); });
    case kSoftShrink: return where([=](Vector v) { return absolute(v) > a; });
    case kSoftsign:
      return times([=](Vector v) {
        const Vector size = one + absolute(v);
        return one / (size * size);
      });
    case kSwish:
      return times([=](Vector v) {
        const Vector s = logistic(v);
        return s + v * s * (one - s);
      });
    case kTanhShrink:
      return times([](Vector v) {
        const Vector t = hyperbolic_tangent(v);
        return t * t;
      });
    case kThresholdedRelu: return where([=](Vector v) { return v > a; });
  }
}

// Functions of one number, element by element.
#include "map.h"
#include "math.h"

// The order is that of `unaryOperations` in the engine.
enum Unary {
  kAbsolute, kCeil, kErf, kExp, kExpMinusOne, kFloor, kLog, kLogPlusOne, kNegate, kReciprocal, kReciprocalRoot, kRound,
  kSign, kSquareRoot, kSquare, kStep
};

// y = f(x). `slope` is what kStep has for numbers that are not positive.
EXPORT(unary)(int operation, const float* x, float* y, int length, float slope) {
  const Vector zero = {}, one = splat(1), others = splat(slope);
  switch (operation) {
    case kAbsolute: return map(y, length, [](Vector v) { return absolute(v); }, x);
    case kCeil: return map(y, length, [](Vector v) { return round_up(v); }, x);
    case kErf: return map(y, length, [](Vector v) { return error_function(v); }, x);
    case kExp: return map(y, length, [](Vector v) { return exponential(v); }, x);
    case kExpMinusOne: return map(y, length, [](Vector v) { return exponential_minus_one(v); }, x);
    case kFloor: return map(y, length, [](Vector v) { return round_down(v); }, x);
    case kLog: return map(y, length, [](Vector v) { return logarithm(v); }, x);
    case kLogPlusOne: return map(y, length, [](Vector v) { return logarithm_plus_one(v); }, x);
    case kNegate: return map(y, length, [](Vector v) { return -v; }, x);
    case kReciprocal: return map(y, length, [=](Vector v) { return one / v; }, x);
    case kReciprocalRoot: return map(y, length, [=](Vector v) { return one / square_root(v); }, x);
    case kRound: return map(y, length, [](Vector v) { return round_to_even(v); }, x);
    case kSign: return map(y, length, [=](Vector v) { return select(v > zero, one, select(v < zero, -one, zero)); }, x);
    case kSquareRoot: return map(y, length, [](Vector v) { return square_root(v); }, x);
    case kSquare: return map(y, length, [](Vector v) { return v * v; }, x);
    case kStep: return map(y, length, [=](Vector v) { return select(v > zero, one, select(v == v, others, v)); }, x);
  }
}

// The order is that of `classes` in the engine.
enum Class { kFinite, kInfinite, kNotANumber };

// y = whether x belongs to a class of numbers
EXPORT(classify)(int kind, const float* x, Byte* y, int length) {
  const Vector infinity = splat(__builtin_inff());
  switch (kind) {
    case kFinite: return map(y, length, [=](Vector v) { return absolute(v) < infinity; }, x);
    case kInfinite: return map(y, length, [=](Vector v) { return absolute(v) == infinity; }, x);
    case kNotANumber: return map(y, length, [](Vector v) { return v != v; }, x);
  }
}

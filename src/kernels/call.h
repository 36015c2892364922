// A call of a kernel that can wait for its turn.
#pragma once

struct Call {
  static constexpr int kMaxArguments = 15;

  // Knows the kernel and the types of its arguments.
  void (*run)(const double* arguments);
  double arguments[kMaxArguments];
};

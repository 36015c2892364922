// The kernels compiled for one instruction set, as functions that JavaScript calls.
//
// KERNEL_NAMESPACE keeps the builds for several instruction sets apart in one program; no function of a library may be
// compiled here, since the linker would share it among them. "kernel_list.h" is made while building:
// FOR_EACH_KERNEL(visit) calls visit(name) for every EXPORT of the sources.
#include <node_api.h>

#include "../call.h"
#include "kernel_list.h"

extern "C" void call_kernel(const Call& call);

namespace KERNEL_NAMESPACE {

#include "../kernels.cpp"

// Arguments of kernels arrive as numbers of JavaScript; pointers are addresses.
template <class T>
struct Argument {
  static T of(double value) { return static_cast<T>(value); }
};

template <class T>
struct Argument<T*> {
  static T* of(double value) { return reinterpret_cast<T*>(static_cast<unsigned long long>(value)); }
};

template <Size... Indices>
struct Sequence {};

template <Size Count, Size... Indices>
struct MakeSequence : MakeSequence<Count - 1, Count - 1, Indices...> {};

template <Size... Indices>
struct MakeSequence<0, Indices...> { using Type = Sequence<Indices...>; };

template <class... Arguments, Size... Indices>
void call_with(void (*kernel)(Arguments...), const double* values, Sequence<Indices...>) {
  kernel(Argument<Arguments>::of(values[Indices])...);
}

template <class... Arguments>
constexpr Size count_arguments(void (*)(Arguments...)) {
  return sizeof...(Arguments);
}

// Calls a kernel with arguments from memory.
template <auto kernel>
void run_kernel(const double* arguments) {
  call_with(kernel, arguments, typename MakeSequence<count_arguments(kernel)>::Type());
}

// Calls a kernel with the arguments of a call in JavaScript.
template <auto kernel>
napi_value call(napi_env env, napi_callback_info info) {
  constexpr Size kCount = count_arguments(kernel);
  static_assert(kCount <= Call::kMaxArguments, "a call has no room for so many arguments");
  napi_value given[kCount];
  Call call;
  call.run = run_kernel<kernel>;
  size_t count = kCount;
  if (napi_get_cb_info(env, info, &count, given, nullptr, nullptr) != napi_ok) return nullptr;
  for (Size i = 0; i < kCount; i++) {
    if (napi_get_value_double(env, given[i], &call.arguments[i]) != napi_ok) {
      napi_throw_type_error(env, nullptr, "a kernel takes numbers only");
      return nullptr;
    }
  }
  call_kernel(call);
  return nullptr;
}

// Adds all kernels to an object.
napi_status add_kernels(napi_env env, napi_value object) {
#define DESCRIBE(name) {#name, nullptr, call<name>, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  static const napi_property_descriptor properties[] = {FOR_EACH_KERNEL(DESCRIBE)};
  return napi_define_properties(env, object, sizeof properties / sizeof properties[0], properties);
}

}  // namespace KERNEL_NAMESPACE

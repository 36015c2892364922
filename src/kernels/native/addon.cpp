// The native build as a module of Node: which instruction sets this machine has, their kernels, threads, and memory.
#include <node_api.h>

#include "kernel_list.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

extern "C" int start_threads(int threads);
extern "C" void finish_calls();

namespace baseline { napi_status add_kernels(napi_env env, napi_value object); }
#if defined(__x86_64__)
namespace avx2 { napi_status add_kernels(napi_env env, napi_value object); }
namespace avx512 { napi_status add_kernels(napi_env env, napi_value object); }
#endif

namespace {

struct InstructionSet {
  const char* name;
  bool (*is_available)();
  napi_status (*add_kernels)(napi_env env, napi_value object);
};

// The fastest first.
const InstructionSet instruction_sets[] = {
#if defined(__x86_64__)
    {"avx512",
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
     },
     avx512::add_kernels},
    {"avx2", [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }, avx2::add_kernels},
    {"sse2", [] { return true; }, baseline::add_kernels},
#elif defined(__aarch64__)
    {"neon", [] { return true; }, baseline::add_kernels},
#else
    {"baseline", [] { return true; }, baseline::add_kernels},
#endif
};

// startThreads(count): number of parts that work is split into.
napi_value start(napi_env env, napi_callback_info info) {
  napi_value argument, result = nullptr;
  size_t count = 1;
  int threads = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_int32(env, argument, &threads);
  napi_create_int32(env, start_threads(threads), &result);
  return result;
}

// finish(): returns when all kernels called before have run.
napi_value finish(napi_env, napi_callback_info) {
  finish_calls();
  return nullptr;
}

// addressOf(arrayBuffer): where its memory lies, as a number.
napi_value address_of(napi_env env, napi_callback_info info) {
  napi_value buffer, result = nullptr;
  size_t count = 1, length = 0;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, &buffer, nullptr, nullptr);
  if (napi_get_arraybuffer_info(env, buffer, &data, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "addressOf takes an ArrayBuffer");
    return nullptr;
  }
#if defined(__linux__)
  // Large pages save many misses of the address cache. Advice only: whether it is taken does not matter.
  const auto begin = (reinterpret_cast<unsigned long long>(data) + 4095) & ~4095ull;
  const auto end = (reinterpret_cast<unsigned long long>(data) + length) & ~4095ull;
  if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
  napi_create_double(env, static_cast<double>(reinterpret_cast<unsigned long long>(data)), &result);
  return result;
}

}  // namespace

// { stamp, startThreads, finish, addressOf, kernels: { [instruction set]: { [kernel]: function } } }, the fastest instruction set
// first. The stamp says what the build is made of.
NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"startThreads", nullptr, start, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"finish", nullptr, finish, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"addressOf", nullptr, address_of, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  // The memory of tensors goes when the environment ends. Each time that the addon is loaded it has an `env` of its own.
  napi_add_env_cleanup_hook(env, [](void*) { finish_calls(); }, env);
  napi_value stamp, sets;
  napi_create_string_utf8(env, STAMP, NAPI_AUTO_LENGTH, &stamp);
  napi_set_named_property(env, exports, "stamp", stamp);
  napi_create_object(env, &sets);
  for (const InstructionSet& set : instruction_sets) {
    if (!set.is_available()) continue;
    napi_value kernels;
    napi_create_object(env, &kernels);
    if (set.add_kernels(env, kernels) == napi_ok) napi_set_named_property(env, sets, set.name, kernels);
  }
  napi_set_named_property(env, exports, "kernels", sets);
  return exports;
}

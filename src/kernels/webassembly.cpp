// The WebAssembly build: one module, instantiated once in each thread over a shared memory.
#include "kernels.cpp"
#include "thread_pool.h"

namespace {

// Waiting must not share a function with values that are still needed: the baseline compiler of V8 in Node 20 loses a
// local across it.
__attribute__((noinline)) void wait_for_change(unsigned* address, unsigned value) {
  __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(address), static_cast<int>(value), -1);
}

class Word {
 public:
  constexpr Word(unsigned value) : value_(value) {}
  unsigned load() const { return __atomic_load_n(&value_, __ATOMIC_SEQ_CST); }
  void store(unsigned value) { __atomic_store_n(&value_, value, __ATOMIC_SEQ_CST); }
  unsigned exchange(unsigned value) { return __atomic_exchange_n(&value_, value, __ATOMIC_SEQ_CST); }
  unsigned fetch_sub(unsigned value) { return __atomic_fetch_sub(&value_, value, __ATOMIC_SEQ_CST); }
  unsigned fetch_or(unsigned value) { return __atomic_fetch_or(&value_, value, __ATOMIC_SEQ_CST); }
  bool compare_exchange_strong(unsigned& expected, unsigned value) {
    return __atomic_compare_exchange_n(&value_, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  }
  void wait(unsigned value) { wait_for_change(&value_, value); }
  void notify_one() { __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(&value_), 1); }

 private:
  unsigned value_;
};

void pause() { __asm__ volatile(""); }

ThreadPool<Word, pause, 200000> pool;

}  // namespace

extern "C" int thread_count() { return pool.threads(); }

extern "C" void run_tasks(int parts, void (*task)(const void* context, int part), const void* context) {
  pool.run(parts, task, context);
}

EXPORT(set_thread_count)(int threads) { pool.set_threads(threads); }

EXPORT(serve)(int thread) { pool.serve(thread); }

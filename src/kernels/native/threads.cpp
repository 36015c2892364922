// Threads of the native build.
#include <atomic>
#include <system_error>
#include <thread>

#include "../thread_pool.h"
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace {

void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Never destroyed: threads may still wait in it while the process ends.
auto& pool = *new ThreadPool<std::atomic<unsigned>, pause>;

}  // namespace

extern "C" int thread_count() { return pool.threads(); }

extern "C" void run_tasks(int parts, void (*task)(const void* context, int part), const void* context) {
  pool.run(parts, task, context);
}

// Starts the threads, once for the process; returns how many parts work is split into from now on. Where the system
// refuses a thread, its parts run on the others.
extern "C" int start_threads(int threads) {
  static std::atomic<bool> started{false};
  if (started.exchange(true)) return pool.threads();
  pool.set_threads(threads);
  for (int number = 1; number < pool.threads(); number++) {
    try {
      std::thread([number] { pool.serve(number); }).detach();
    } catch (const std::system_error&) {
      break;
    }
  }
  return pool.threads();
}

// Threads of the native build.
//
// Nothing of the C++ library is called, and of the C library only what is old: the build then loads on systems older than
// the one that it is made on.
#include <pthread.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <atomic>
#endif

#include "../thread_pool.h"

#if defined(__GLIBC__) && defined(__x86_64__)
// glibc 2.34 gave the function a new version, as it moved it to another library.
__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");
#elif defined(__GLIBC__) && defined(__aarch64__)
__asm__(".symver pthread_create, pthread_create@GLIBC_2.17");
#endif

namespace {

#if defined(__linux__)
// Operations of the system call futex, among the threads of a process.
constexpr int kFutexWait = 128, kFutexWake = 129;

// std::atomic<unsigned> with waiting by the system call alone.
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
  void wait(unsigned value) {
    while (load() == value) syscall(SYS_futex, &value_, kFutexWait, value, nullptr, nullptr, 0);
  }
  void notify_one() { syscall(SYS_futex, &value_, kFutexWake, 1, nullptr, nullptr, 0); }

 private:
  unsigned value_;
};
#else
using Word = std::atomic<unsigned>;
#endif

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#ifndef POOL_SPINS
#define POOL_SPINS 20000
#endif
ThreadPool<Word, pause, POOL_SPINS> pool;

// True in the thread whose calls of kernels are queued: the one that started the threads. Others run theirs at once.
thread_local bool queues_calls = false;

void* serve(void* number) {
  pool.serve(static_cast<int>(reinterpret_cast<long>(number)));
  return nullptr;
}

}  // namespace

extern "C" int thread_count() { return pool.threads(); }

extern "C" void run_tasks(int parts, void (*task)(const void* context, int part), const void* context) {
  pool.run(parts, task, context);
}

// Runs a kernel, at once or after the calls that are queued.
extern "C" void call_kernel(const Call& call) {
  if (queues_calls) pool.submit(call);
  else call.run(call.arguments);
}

// Returns when all kernels that this thread has called have run.
extern "C" void finish_calls() {
  if (queues_calls) pool.drain();
}

// Starts the threads, once for the process; returns how many parts work is split into from now on. Where the system
// refuses a thread, its parts run on the others.
extern "C" int start_threads(int threads) {
  static unsigned started = 0;
  if (__atomic_exchange_n(&started, 1, __ATOMIC_SEQ_CST)) return pool.threads();
  pool.set_threads(threads);
  queues_calls = pool.threads() > 1;
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  for (long number = 1; number < pool.threads(); number++) {
    pthread_t thread;
    if (pthread_create(&thread, &detached, serve, reinterpret_cast<void*>(number)) != 0) break;
  }
  pthread_attr_destroy(&detached);
  return pool.threads();
}

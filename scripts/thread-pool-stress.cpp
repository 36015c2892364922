// Gives the native thread pool random calls, many of which end while their caller falls asleep: npm run stress.
//
// With few looks for work before a thread sleeps (POOL_SPINS), every way in which a wake-up could be lost comes up within
// seconds. A program that makes no progress is ended with status 1.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "../src/kernels/parallel.h"
#include "../src/kernels/native/threads.cpp"

namespace {

unsigned state = 12345;

unsigned random_number() { return (state = state * 1664525u + 1013904223u) >> 8; }

void work(int length) {
  for (volatile int i = 0; i < length; i = i + 1) {
  }
}

long expected_sum = 0;
unsigned summed = 0;

// A call whose parts take different times.
void call(const double* arguments) {
  const int length = static_cast<int>(arguments[0]);
  run_tasks(
      static_cast<int>(arguments[1]),
      [](const void* context, int part) {
        work(*static_cast<const int*>(context) * (part + 1));
        __atomic_fetch_add(&summed, part + 1, __ATOMIC_SEQ_CST);
      },
      &length);
}

unsigned long drains = 0;

void* watch(void*) {
  for (unsigned long before = 0;; before = __atomic_load_n(&drains, __ATOMIC_SEQ_CST)) {
    sleep(10);
    if (__atomic_load_n(&drains, __ATOMIC_SEQ_CST) != before) continue;
    std::fputs("the threads wait for each other\n", stderr);
    std::_Exit(1);
  }
}

}  // namespace

int main(int, char** arguments) {
  const int threads = std::atoi(arguments[1]);
  const std::time_t end = std::time(nullptr) + std::atoi(arguments[2]);
  start_threads(threads);
  pthread_t watcher;
  pthread_create(&watcher, nullptr, watch, nullptr);
  long calls = 0;
  while (std::time(nullptr) < end) {
    for (int i = random_number() % 600; i >= 0; i--, calls++) {
      const int parts = 1 + random_number() % threads;
      const double length = random_number() % (random_number() % 50 == 0 ? 60000 : 300);
      call_kernel({call, {length, double(parts)}});
      expected_sum += parts * (parts + 1) / 2;
      if (random_number() % 40 == 0) work(random_number() % 20000);
    }
    finish_calls();
    if (summed != static_cast<unsigned>(expected_sum)) {
      std::puts("a part of the work was left out, or done twice");
      return 1;
    }
    __atomic_fetch_add(&drains, 1, __ATOMIC_SEQ_CST);
    work(random_number() % 100000);
    if (random_number() % 100 == 0) usleep(random_number() % 3000);
  }
  std::printf("%d threads, %d looks for work: %ld calls\n", threads, POOL_SPINS, calls);
  return 0;
}

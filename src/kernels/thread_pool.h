// Threads that run calls of kernels, and the parts of one call's work.
//
// Calls are queued: whoever gives one goes on at once, and a thread runs it after all that were given before. Until
// `drain` has returned, what the calls write must not be read, and what they read not be changed. While the caller
// drains the queue it works like any other thread.
//
// Work of a call is cut into parts. Each part has a slot of its own, which the thread of the same number watches. A part
// belongs to whoever takes it out of its slot first: the thread that runs the call does part 0 and then every part that
// no thread has begun. A thread that is late, or was never started, therefore delays nothing and changes no result.
//
// `Word` is an atomic unsigned integer with the names of std::atomic.
#pragma once
#include "call.h"

using TaskFunction = void (*)(const void* context, int part);

constexpr int kMaxThreads = 64;

// A thread looks for work `Spins` times, with a pause after each, before it sleeps: long enough to stay awake between the
// operations of a training step.
template <class Word, void (*Pause)(), int Spins>
class ThreadPool {
 public:
  // Number of threads, the caller's included.
  void set_threads(int threads) { threads_ = threads < 1 ? 1 : threads > kMaxThreads ? kMaxThreads : threads; }
  int threads() const { return threads_; }

  // Queues a call; the first thread runs it, or the caller once the queue is full. All calls come from one thread.
  void submit(const Call& call) {
    const unsigned given = given_.load();
    while (given - done_.load() == kQueueLength) {
      if (!help()) Pause();
    }
    calls_[given % kQueueLength] = call;
    given_.store(given + 1);
    wake(slots_[1].state);
  }

  // Returns when all queued calls have been run.
  void drain() {
    for (int spin = 0; done_.load() != given_.load(); spin++) {
      if (help()) {
        spin = 0;
      } else if (spin < Spins) {
        Pause();
      } else {
        const unsigned done = done_.load();
        drainer_asleep_.store(1);
        if (done != given_.load()) done_.wait(done);
        drainer_asleep_.store(0);
      }
    }
  }

  // Runs the parts of a job. While another caller's job is under way, the parts run one after the other.
  void run(int parts, TaskFunction task, const void* context) {
    if (parts <= 1 || busy_.exchange(1) != 0) {
      for (int part = 0; part < parts; part++) task(context, part);
      return;
    }
    task_ = task;
    context_ = context;
    unfinished_.store(parts - 1);
    for (int part = 1; part < parts; part++) {
      Word& slot = slots_[part].state;
      if (slot.exchange(kOpen) == kAsleep) slot.notify_one();
    }
    task(context, 0);
    for (int part = 1; part < parts; part++) {
      if (take(part)) finish(part);
    }
    wait_until_finished();
    busy_.store(0);
  }

  // What thread `number` does, from 1 on; never returns.
  [[noreturn]] void serve(int number) {
    Word& slot = slots_[number].state;
    for (;;) {
      for (int spin = 0; spin < Spins && slot.load() != kOpen && !(number == 1 && has_calls()); spin++) Pause();
      if (take(number)) {
        finish(number);
        continue;
      }
      if (number == 1 && run_next_call()) continue;
      unsigned idle = kIdle;
      if (slot.compare_exchange_strong(idle, kAsleep) && !(number == 1 && has_calls())) slot.wait(kAsleep);
      // A call was queued meanwhile, or the wake-up had no cause: the slot still says that this thread sleeps.
      unsigned asleep = kAsleep;
      slot.compare_exchange_strong(asleep, kIdle);
    }
  }

 private:
  enum State : unsigned { kIdle, kOpen, kAsleep };
  static constexpr unsigned kCallerAsleep = 1u << 31;
  static constexpr unsigned kQueueLength = 256;

  struct alignas(64) Slot {
    Word state{kIdle};
  };

  void wake(Word& slot) {
    unsigned asleep = kAsleep;
    if (slot.load() == kAsleep && slot.compare_exchange_strong(asleep, kIdle)) slot.notify_one();
  }

  bool has_calls() { return done_.load() != given_.load(); }

  // Runs the oldest call unless another thread is about to; false when nothing was done.
  bool run_next_call() {
    if (!has_calls() || running_.exchange(1) != 0) return false;
    const unsigned done = done_.load();
    const bool found = done != given_.load();
    if (found) {
      const Call& call = calls_[done % kQueueLength];
      call.run(call.arguments);
      done_.store(done + 1);
    }
    running_.store(0);
    // The flag stays set: the drainer may be about to sleep until the call after this one.
    if (found && drainer_asleep_.load() != 0) done_.notify_one();
    return found;
  }

  // Does what the first thread would, for a caller that waits; false when there was nothing to do.
  bool help() {
    if (!take(1)) return run_next_call();
    finish(1);
    return true;
  }

  bool take(int part) {
    unsigned open = kOpen;
    return slots_[part].state.compare_exchange_strong(open, kIdle);
  }

  void finish(int part) {
    task_(context_, part);
    if (unfinished_.fetch_sub(1) == (kCallerAsleep | 1)) unfinished_.notify_one();
  }

  void wait_until_finished() {
    for (int spin = 0; spin < Spins; spin++) {
      if (unfinished_.load() == 0) return;
      Pause();
    }
    unsigned left = unfinished_.fetch_or(kCallerAsleep) | kCallerAsleep;
    while (left != kCallerAsleep) {
      unfinished_.wait(left);
      left = unfinished_.load();
    }
  }

  int threads_ = 1;
  TaskFunction task_ = nullptr;
  const void* context_ = nullptr;
  Slot slots_[kMaxThreads];
  alignas(64) Word unfinished_{0};
  alignas(64) Word busy_{0};
  // Calls are numbered by when they were given; the numbers wrap around.
  Call calls_[kQueueLength];
  alignas(64) Word given_{0};
  alignas(64) Word done_{0};
  Word running_{0};
  Word drainer_asleep_{0};
};

// Threads that run the parts of one job after the other.
//
// Each part has a slot of its own, which the thread of the same number watches. A part belongs to whoever takes it out of
// its slot first: the caller runs its own part 0 and then every part that no thread has begun. A thread that is late, or
// was never started, therefore delays nothing and changes no result.
//
// `Word` is an atomic unsigned integer with the names of std::atomic.
#pragma once

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
      for (int spin = 0; spin < Spins && slot.load() != kOpen; spin++) Pause();
      if (take(number)) {
        finish(number);
        continue;
      }
      unsigned idle = kIdle;
      if (slot.compare_exchange_strong(idle, kAsleep)) slot.wait(kAsleep);
      // A wake-up without a cause: the slot still says that this thread sleeps.
      unsigned asleep = kAsleep;
      slot.compare_exchange_strong(asleep, kIdle);
    }
  }

 private:
  enum State : unsigned { kIdle, kOpen, kAsleep };
  static constexpr unsigned kCallerAsleep = 1u << 31;

  struct alignas(64) Slot {
    Word state{kIdle};
  };

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
};

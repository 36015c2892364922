// Splitting work between threads.
//
// Work is cut into parts by sizes and the configured number of threads alone, never by which threads happen to be free:
// equal inputs give equal bits, run after run.
#pragma once
#include "vector.h"

// The configured number of threads, at least 1.
extern "C" int thread_count();

// Calls task(context, part) once for every part in [0, parts), on several threads where they are free, and returns when
// all have ended. `parts` is at most thread_count(). Tasks do not call it themselves.
extern "C" void run_tasks(int parts, void (*task)(const void* context, int part), const void* context);

// A function of its own for each body, so that its code exists once.
template <class Body>
__attribute__((noinline)) static void run_part(const void* body, int part) {
  (*static_cast<const Body*>(body))(part);
}

// Calls body(part) for every part in [0, parts).
template <class Body>
INLINE void parallel(int parts, const Body& body) {
  if (parts == 1) return run_part<Body>(&body, 0);
  run_tasks(parts, run_part<Body>, &body);
}

// Number of parts for work of `length` units, each part of at least `grain` units.
INLINE int parts_of(Size length, Size grain) {
  return static_cast<int>(maximum(Size(1), minimum(Size(thread_count()), length / maximum(grain, Size(1)))));
}

// Calls body(begin, end) for ranges that make up [0, length), each of at least `grain` units where there are several.
template <class Body>
INLINE void parallel_for(Size length, Size grain, const Body& body) {
  const int parts = parts_of(length, grain);
  parallel(parts, [&](int part) { body(length * part / parts, length * (part + 1) / parts); });
}

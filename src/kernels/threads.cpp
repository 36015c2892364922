#include "parallel.h"
extern "C" int thread_count() { return 1; }
extern "C" void run_tasks(int parts, void (*task)(const void* context, int part), const void* context) {
  for (int part = 0; part < parts; part++) task(context, part);
}

"""Measuring the duration of calls, as workers/timing.mjs does."""

import resource
import time


def time_calls(fn, seconds, minimum=2, maximum=10_000):
    """Milliseconds of each call of `fn` until `seconds` have passed, after warm-up calls."""

    def once():
        start = time.perf_counter()
        fn()
        return (time.perf_counter() - start) * 1000

    if once() < seconds * 100:
        once()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < maximum and (len(times) < minimum or time.perf_counter() < end):
        times.append(once())
    return times


def summarize(times):
    """The best and the middle of several durations."""
    ordered = sorted(times)
    return {"bestMs": ordered[0], "medianMs": ordered[len(ordered) // 2], "calls": len(ordered)}


def peak_megabytes():
    """Largest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

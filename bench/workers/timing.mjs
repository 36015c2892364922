// Measuring the duration of calls.

/**
 * Calls `fn` until `seconds` have passed, at least `minimum` times and at most `maximum` times, after warm-up calls (one
 * where a call takes longer than a tenth of the time, else two).
 *
 * @returns milliseconds of each call
 */
export function timeCalls(fn, { seconds, minimum = 2, maximum = 10_000 }) {
  const once = () => {
    const start = performance.now();
    fn();
    return performance.now() - start;
  };
  if (once() < seconds * 100) once();
  const times = [];
  const end = performance.now() + seconds * 1000;
  while (times.length < maximum && (times.length < minimum || performance.now() < end)) times.push(once());
  return times;
}

/** The best and the middle of several durations. */
export function summarize(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return { bestMs: sorted[0], medianMs: sorted[sorted.length >> 1], calls: sorted.length };
}

/** Largest resident memory of this process so far, in megabytes. */
export function peakMegabytes() {
  return process.resourceUsage().maxRSS / 1024;
}

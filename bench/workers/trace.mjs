// The time inside the compiled kernels.

/**
 * Puts clocks around the kernels of a backend, for the rest of the process. Nothing else goes on while a kernel runs.
 *
 * @returns `clear`, which sets all clocks to zero, and `read`, which gives their sum and each kernel's calls and
 * milliseconds, the longest first
 */
export function traceKernels(backend) {
  const clocks = new Map();
  const traced = {};
  for (const [name, kernel] of Object.entries(backend.kernels)) {
    if (typeof kernel !== 'function') continue;
    const clock = { calls: 0, ms: 0 };
    clocks.set(name, clock);
    traced[name] = (...args) => {
      const start = performance.now();
      kernel(...args);
      backend.library.finish();
      clock.ms += performance.now() - start;
      clock.calls++;
    };
  }
  // Hides the getter of the class.
  Object.defineProperty(backend, 'kernels', { value: traced });
  return {
    clear() {
      for (const clock of clocks.values()) Object.assign(clock, { calls: 0, ms: 0 });
    },
    read() {
      const kernels = [...clocks]
        .filter(([, { calls }]) => calls > 0)
        .map(([name, { calls, ms }]) => ({ name, calls, ms }))
        .sort((a, b) => b.ms - a.ms);
      return { kernelMs: kernels.reduce((sum, { ms }) => sum + ms, 0), kernels };
    },
  };
}

/** Runs `fn` and gives the library's warnings. */
export async function captureWarnings(fn: () => unknown): Promise<string[]> {
  const warnings: string[] = [];
  const listener = (warning: Error) => {
    if (warning.name === 'PaddlewheelWarning') warnings.push(warning.message);
  };
  process.on('warning', listener);
  try {
    await fn();
    // Warnings are emitted in the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', listener);
  }
  return warnings;
}

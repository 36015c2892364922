/** Runs `fn` and gives what it printed with `console.log`. */
export async function captureConsole(fn: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => void lines.push(values.map(String).join(' '));
  try {
    await fn();
  } finally {
    console.log = log;
  }
  return lines.map((line) => `${line}\n`).join('');
}

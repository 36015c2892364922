/** Runs scripts as a user's programs, each in a process of its own. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How a process ended, and what it printed. */
export interface Run {
  /** Exit status; the signal where there was one. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Variables of the environment; undefined for one that shall not be set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Processes that run, and the calls that wait for one of them to end. */
let running = 0;
const waiting: (() => void)[] = [];

/** Runs a function that starts a process, no more of them at once than the machine has cores. */
async function inTurn<T>(start: () => Promise<T>): Promise<T> {
  if (running >= availableParallelism()) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await start();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

/**
 * Runs Node, which takes TypeScript, in the folder of the repository. Processes that are asked for at once share the
 * cores, see {@link inTurn}.
 */
export function runNode(args: readonly string[], environment: Environment = {}): Promise<Run> {
  return inTurn(() => start(args, environment));
}

function start(args: readonly string[], environment: Environment): Promise<Run> {
  const { NODE_V8_COVERAGE: _coverage, ...inherited } = process.env;
  const options = { cwd: root, timeout: 60_000, env: { ...inherited, ...environment } };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', ...args], options, (error, stdout, stderr) => {
      const status = error ? (error.signal ?? error.code ?? -1) : 0;
      resolve({ status, stdout, stderr });
    });
  });
}

/** Runs a script, given as text. */
export function runScript(script: string, environment: Environment = {}): Promise<Run> {
  return runNode(['--input-type=module', '-e', script], environment);
}

/**
 * A form of `it` for tests that mostly wait for processes: the first of a group starts the bodies of all, each of which is
 * judged in its own place.
 */
export function itAtOnce(): (title: string, body: () => Promise<void>) => void {
  const bodies: (() => Promise<void>)[] = [];
  let results: Promise<void>[] | undefined;
  const start = () => {
    const started = bodies.map((body) => body());
    // Failures wait for the test that they belong to.
    for (const result of started) result.catch(() => undefined);
    return started;
  };
  return (title, body) => {
    const place = bodies.push(body) - 1;
    it(title, () => (results ??= start())[place]);
  };
}

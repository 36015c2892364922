/** Runs scripts as a user's programs, each in a process of its own. */
import { execFile } from 'node:child_process';
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

/** Runs Node, which takes TypeScript, in the folder of the repository. */
export function runNode(args: readonly string[], environment: Environment = {}): Promise<Run> {
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

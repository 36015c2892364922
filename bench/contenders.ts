/**
 * What is measured side by side: the engines of this package, and other frameworks.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a task's process printed. */
export type TaskResult = Readonly<Record<string, unknown>>;

/** A task as the processes of bench/workers and bench/peers take it. */
export interface Task {
  readonly task: string;
  readonly [argument: string]: unknown;
}

/** One way to run a contender, such as a memory format. Of several ways the best counts. */
export interface Variant {
  /** Name of the variant; '' where there is one only. */
  readonly name: string;
  readonly command: readonly string[];
  /** Goes into every task. */
  readonly task?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** An engine or a framework. */
export interface Contender {
  readonly name: string;
  readonly kind: 'engine' | 'peer';
  readonly variants: readonly Variant[];
}

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const worker = (task?: Variant['task']): Pick<Variant, 'name' | 'command' | 'task'> => ({
  name: '',
  command: [process.execPath, pathOf('workers/engine.mjs')],
  task,
});

/** An engine of this package. */
export function engine(name: string, threads: number): Contender {
  const env = { PADDLEWHEEL_ENGINE: name, PADDLEWHEEL_THREADS: String(threads) };
  return { name, kind: 'engine', variants: [{ ...worker(), env }] };
}

/** This package on `@tensorflow/tfjs-node`, which is installed in a folder. */
export function tensorflow(folder: string): Contender {
  const env = { TF_CPP_MIN_LOG_LEVEL: '3' };
  return { name: 'tfjs-node', kind: 'engine', variants: [{ ...worker({ device: 'tensorflow' }), env, cwd: folder }] };
}

/** PyTorch in both memory formats. */
export function pytorch(python: string, threads: number): Contender {
  const command = [python, pathOf('peers/pytorch_peer.py')];
  const variants = ['NCHW', 'channels_last'].map((name) => ({ name, command, task: { variant: name, threads } }));
  return { name: 'PyTorch', kind: 'peer', variants };
}

/** Paddle with one thread, as it is by itself, and with as many as the others have. */
export function paddle(python: string, threads: number): Contender {
  const command = [python, '-W', 'ignore', pathOf('peers/paddle_peer.py')];
  const counts = threads === 1 ? [1] : [1, threads];
  const variants = counts.map((count) => ({
    name: count === 1 ? '1 thread' : `${count} threads`,
    command,
    env: { OMP_NUM_THREADS: String(count) },
  }));
  return { name: 'Paddle', kind: 'peer', variants };
}

/** The packages among `names` that a Python interpreter can import. */
export async function pythonPackages(python: string, names: readonly string[]): Promise<string[]> {
  const script = `import importlib.util as u, json; print(json.dumps([n for n in ${JSON.stringify(names)} if u.find_spec(n)]))`;
  const { stdout } = await run([python, '-c', script], {}, undefined, 60);
  return JSON.parse(stdout) as string[];
}

/** Runs a task of a contender in a process of its own. */
export async function runTask(variant: Variant, task: Task, limitSeconds = 900): Promise<TaskResult> {
  const argument = JSON.stringify({ ...task, ...variant.task, started: Date.now() });
  const { stdout } = await run([...variant.command, argument], variant.env ?? {}, variant.cwd, limitSeconds);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as TaskResult;
}

/** Runs a command. Rejects with the message of the error that it printed. */
function run(
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string | undefined,
  limitSeconds: number,
): Promise<{ stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitSeconds * 1000,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ stdout });
      else reject(new Error(reasonOf(stderr) ?? `ended with ${signal ?? `code ${code}`}`));
    });
  });
}

/** The message of the error that a process printed: Node's comes before the stack, Python's last. */
function reasonOf(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  const isError = (line: string) => /^(?:[\w.]*(?:Error|Exception)\b.*: )/.test(line);
  return lines.find(isError) ?? lines.findLast((line) => line !== '');
}

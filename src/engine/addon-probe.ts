/**
 * Trying a native build before it is loaded.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir, release } from 'node:os';
import path from 'node:path';
import { DeviceError } from '../common/errors.js';
import { expectedSources, readStamp } from './addon-file.js';

/** Set in the process that tries a native build, which must not try it again. */
const guard = 'PADDLEWHEEL_PROBING';
const success = 'paddlewheel: works';
const seconds = 30;

/** Loads a file and multiplies two matrices with every instruction set, on two threads. */
const script = `
  const addon = { exports: {} };
  process.dlopen(addon, process.argv[1]);
  const { addressOf, finish, kernels, startThreads } = addon.exports;
  startThreads(2);
  const size = 70, buffer = new ArrayBuffer(4 * 3 * size * size), address = addressOf(buffer);
  const values = new Float32Array(buffer), bytes = 4 * size * size;
  for (const { matrix_multiply: multiply } of Object.values(kernels)) {
    for (let i = 0; i < 2 * size * size; i++) values[i] = (i % 7) - 3;
    multiply(address, address + bytes, 0, address + 2 * bytes, 1, size, size, size, 0, 0, 0, 0);
    finish();
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = 0;
        for (let k = 0; k < size; k++) sum += values[i * size + k] * values[size * size + k * size + j];
        if (values[2 * size * size + i * size + j] !== sum) throw new Error('it computes wrong products');
      }
    }
  }
  console.log('${success}');
`;

/** The file that says that a native build has been tried; undefined where there is no home folder. */
function markOf(file: string, sources: string): string | undefined {
  try {
    const home = homedir();
    if (!path.isAbsolute(home)) return undefined;
    const { mtimeMs, size } = statSync(file);
    const what = [file, mtimeMs, size, sources, process.execPath, process.version, release()];
    const name = createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
    return path.join(home, '.cache', 'paddlewheel', `native-${name}`);
  } catch {
    return undefined;
  }
}

/** What `execFileSync` throws. */
interface ProcessError extends Error {
  readonly code?: string;
  readonly signal?: string | null;
  readonly status?: number | null;
  readonly stderr?: Buffer;
}

/** Why running the script failed. */
function reasonOf({ code, signal, status, stderr, message }: ProcessError): string {
  if (code === 'ETIMEDOUT') return `it does not end within ${seconds} seconds`;
  if (signal) return `it ends the process with ${signal}`;
  if (code) return `no process can be started to try it: ${code}`;
  if (status === undefined) return message;
  return /^\w*Error: (.*)/m.exec(stderr?.toString() ?? '')?.[1] ?? `it ends the process with status ${status}`;
}

/** Runs the script in a process of its own. */
function run(file: string): void {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const output = execFileSync(process.execPath, ['-e', script, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    env: { ...env, [guard]: '1' },
  });
  if (!output.includes(success)) throw new Error(`${process.execPath} does not run the script that tries it`);
}

/**
 * Asserts that a file is a native build of the package's sources and works on this machine.
 *
 * It is loaded in a process of its own, since a broken one can end the process that loads it. A file that has passed is
 * not tried again by the same Node on the same system.
 *
 * @throws `DeviceError` saying why it cannot be used
 */
export function probe(file: string): void {
  const fail = (reason: string, cause?: unknown): never => {
    throw new DeviceError(`the native build ${file} cannot be used: ${reason}`, { cause });
  };
  if (process.env[guard]) fail('this process has been started to try it');
  const sources = expectedSources();
  const mark = markOf(file, sources);
  if (mark !== undefined && existsSync(mark)) return;
  let found: string | undefined;
  try {
    found = readStamp(file)?.sources;
  } catch (error) {
    fail((error as Error).message, error);
  }
  if (found === undefined) fail('it is no native build of paddlewheel, or a damaged one');
  if (found !== sources) fail('it is made of other sources than this version has; run npx paddlewheel build');
  try {
    run(file);
  } catch (error) {
    fail(reasonOf(error as ProcessError), error);
  }
  if (mark === undefined) return;
  try {
    mkdirSync(path.dirname(mark), { recursive: true });
    writeFileSync(mark, '');
  } catch {
    // Without the mark the next process tries again.
  }
}

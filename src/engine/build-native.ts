/**
 * Compiles the native build of the kernels.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DeviceError } from '../common/errors.js';
import { addonFile } from './addon-file.js';

const run = promisify(execFile);

const sources = fileURLToPath(new URL('../../src/kernels/', import.meta.url));

/** Flags of each instruction set, by the namespace of its kernels. */
const instructionSets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  x64: {
    baseline: [],
    avx2: ['-mavx2', '-mfma'],
    avx512: ['-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mfma', '-mprefer-vector-width=512'],
  },
};

const commonFlags = [
  ...['-std=c++20', '-O3', '-fPIC', '-fvisibility=hidden', '-Wall', '-Wextra'],
  ...['-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast'],
];

const linkFlags =
  process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-static-libstdc++', '-static-libgcc'];

/** Names of all kernels, as the sources mark them. */
async function kernelNames(): Promise<string[]> {
  const names = (await readdir(sources)).filter((name) => name.endsWith('.cpp') && name !== 'webassembly.cpp').sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(sources, name), 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(/^EXPORT\((\w+)\)/gm)].map(([, name]) => name ?? ''));
}

/** Options of {@link buildNative}. */
export interface BuildNativeOptions {
  /** The C++ compiler, GCC or Clang: that of the variable CXX, else `c++`. */
  readonly compiler?: string;
  /** Further flags, for compiling and linking. */
  readonly flags?: readonly string[];
  /** The file to make: where the engine looks for it when left out. */
  readonly output?: string;
}

/**
 * Compiles the native build of the kernels from the sources in the package.
 *
 * @returns the file made
 * @throws `DeviceError` when there is no compiler or it fails
 */
export async function buildNative(options: BuildNativeOptions = {}): Promise<string> {
  const { compiler = process.env.CXX ?? 'c++', flags = [], output = addonFile } = options;
  if (process.platform === 'win32')
    throw new DeviceError('the native build needs Linux or macOS; WebAssembly serves here');
  const require = createRequire(import.meta.url);
  const { include_dir: headers } = require('node-api-headers') as { include_dir: string };
  const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-build-'));
  try {
    const list = (await kernelNames()).map((name) => `visit(${name})`).join(' ');
    await writeFile(path.join(folder, 'kernel_list.h'), `#define FOR_EACH_KERNEL(visit) ${list}\n`);
    const all = [...commonFlags, ...flags, '-I', folder, '-isystem', headers];
    const units: [source: string, object: string, own: readonly string[]][] = [
      ['addon.cpp', 'addon.o', []],
      ['threads.cpp', 'threads.o', []],
      ...Object.entries(instructionSets[process.arch] ?? { baseline: [] }).map(
        ([name, own]): [string, string, readonly string[]] => [
          'kernel_table.cpp',
          `${name}.o`,
          [...own, `-DKERNEL_NAMESPACE=${name}`],
        ],
      ),
    ];
    const objects = await Promise.all(
      units.map(async ([source, object, own]) => {
        const target = path.join(folder, object);
        await run(compiler, [...all, ...own, '-c', path.join(sources, 'native', source), '-o', target]);
        return target;
      }),
    );
    const built = path.join(folder, 'paddlewheel.node');
    await run(compiler, [...flags, '-shared', '-pthread', ...objects, ...linkFlags, '-o', built]);
    await mkdir(path.dirname(output), { recursive: true });
    // Beside the target first: a process that uses the old file keeps it.
    const beside = `${output}.${process.pid}`;
    await writeFile(beside, await readFile(built));
    await rename(beside, output);
    return output;
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    throw new DeviceError(
      code === 'ENOENT'
        ? `the native build needs a C++ compiler, and '${compiler}' is not there; install GCC or Clang, or name one in the variable CXX`
        : `the native build failed with '${compiler}':\n${stderr ?? message}`,
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** True when the native build is there and newer than the sources of the kernels. */
export async function isNativeFresh(): Promise<boolean> {
  if (!existsSync(addonFile)) return false;
  const built = (await stat(addonFile)).mtimeMs;
  const names = await readdir(sources, { recursive: true });
  const times = await Promise.all(names.map(async (name) => (await stat(path.join(sources, name))).mtimeMs));
  return times.every((time) => time < built);
}

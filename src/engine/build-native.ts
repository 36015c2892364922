/**
 * Compiles the native build of the kernels.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DeviceError } from '../common/errors.js';
import { writeFileAtomic } from '../common/files.js';
import { packagedAddon, readStamp, stampText, type Stamp } from './addon-file.js';

const run = promisify(execFile);

const folderOfSources = fileURLToPath(new URL('../../src/kernels/', import.meta.url));

/** Flags of each instruction set, by the namespace of its kernels. */
const instructionSets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  x64: {
    baseline: [],
    avx2: ['-mavx2', '-mfma'],
    avx512: ['-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mfma', '-mprefer-vector-width=512'],
  },
};

const compileFlags = [
  ...['-std=c++20', '-O3', '-fPIC', '-fvisibility=hidden', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra'],
  ...['-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast'],
];

/**
 * On Linux nothing of the C++ library is linked, so that the file loads on systems older than the one that it is made
 * on. It stays in memory once it is loaded: its threads run on when the worker that loaded it ends.
 */
const linkFlags =
  process.platform === 'darwin'
    ? ['-undefined', 'dynamic_lookup']
    : ['-static-libgcc', '-Wl,--as-needed', '-Wl,-z,nodelete'];

interface Source {
  /** Path in the folder of the sources, with slashes. */
  readonly name: string;
  readonly text: string;
}

async function readSources(): Promise<Source[]> {
  const names = (await readdir(folderOfSources, { recursive: true })).filter((name) => /\.(cpp|h)$/.test(name));
  const sources = names.map(async (name) => ({
    name: name.replaceAll(path.sep, '/'),
    text: await readFile(path.join(folderOfSources, name), 'utf8'),
  }));
  return (await Promise.all(sources)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/** Hash of the sources of the kernels. */
export async function hashSources(): Promise<string> {
  return hash(await readSources());
}

function stampOf(sources: readonly Source[], flags: readonly string[]): Stamp {
  return { sources: hash(sources), flags: hash([compileFlags, instructionSets, linkFlags, flags]) };
}

/** Names of all kernels, as the sources mark them. */
function kernelNames(sources: readonly Source[]): string[] {
  return sources
    .filter(({ name }) => !name.includes('/') && name.endsWith('.cpp') && name !== 'webassembly.cpp')
    .flatMap(({ text }) => Array.from(text.matchAll(/^EXPORT\((\w+)\)/gm), ([, name]) => name ?? ''));
}

/** Options of {@link buildNative}. */
export interface BuildNativeOptions {
  /**
   * The C++ compiler, GCC 12 or Clang 14 or newer.
   *
   * @defaultValue that of the variable CXX, else `c++`
   */
  readonly compiler?: string;
  /** Further flags, for compiling and linking. */
  readonly flags?: readonly string[];
  /**
   * The file to make.
   *
   * @defaultValue where the engine looks for it
   */
  readonly output?: string;
}

/** A command with its first arguments, as in `CXX="ccache g++"`. */
function splitCommand(command: string): [program: string, ...args: string[]] {
  if (existsSync(command)) return [command];
  const [program = command, ...args] = command.trim().split(/\s+/);
  return [program, ...args];
}

/** Compiles and links in `folder`; resolves to the file made. */
async function compile(folder: string, sources: readonly Source[], compiler: string, flags: readonly string[]) {
  const [program, ...first] = splitCommand(compiler);
  const require = createRequire(import.meta.url);
  const { include_dir: headers } = require('node-api-headers') as { include_dir: string };
  const kernels = kernelNames(sources).map((name) => `visit(${name})`);
  await writeFile(
    path.join(folder, 'kernel_list.h'),
    `#define FOR_EACH_KERNEL(visit) ${kernels.join(' ')}\n#define STAMP "${stampText(stampOf(sources, flags))}"\n`,
  );
  const all = [...first, ...compileFlags, ...flags, '-I', folder, '-isystem', headers];
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
  const objects = units.map(([, object]) => path.join(folder, object));
  await Promise.all(
    units.map(([source, object, own]) =>
      run(program, [
        ...all,
        ...own,
        '-c',
        path.join(folderOfSources, 'native', source),
        '-o',
        path.join(folder, object),
      ]),
    ),
  );
  const built = path.join(folder, 'paddlewheel.node');
  await run(program, [...first, ...flags, '-shared', '-pthread', ...objects, ...linkFlags, '-o', built]);
  return built;
}

/** Why the compiler failed, as an error that says what to do. */
function compilerError(compiler: string, error: unknown): DeviceError {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  return new DeviceError(
    code === 'ENOENT' || code === 'EACCES'
      ? `the native build needs a C++ compiler, and '${compiler}' is not there; install GCC or Clang, or name one in the variable CXX`
      : `the native build failed with '${compiler}', which has to be GCC 12, Clang 14 or newer:\n${stderr?.trim() ?? message}`,
    { cause: error },
  );
}

/**
 * Compiles the native build of the kernels from the sources in the package. Nothing is downloaded.
 *
 * @returns the file made
 * @throws `DeviceError` when there is no compiler, it fails, or the file cannot be written
 */
export async function buildNative(options: BuildNativeOptions = {}): Promise<string> {
  const { compiler = process.env.CXX || 'c++', flags = [], output = packagedAddon } = options;
  if (process.platform === 'win32')
    throw new DeviceError('the native build needs Linux or macOS; WebAssembly serves here');
  const sources = await readSources();
  const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-build-'));
  try {
    let built: string;
    try {
      built = await compile(folder, sources, compiler, flags);
    } catch (error) {
      throw compilerError(compiler, error);
    }
    try {
      // A process that uses the old file keeps it.
      await writeFileAtomic(output, await readFile(built));
    } catch (error) {
      throw new DeviceError(
        `the native build cannot be written to ${output} (${(error as Error).message}); name another file with --output FILE, and that file in the variable PADDLEWHEEL_ADDON when you run`,
        { cause: error },
      );
    }
    return output;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * True when a file is a native build of the sources in the package, with the flags of this version.
 *
 * @param flags - as in {@link BuildNativeOptions}
 */
export async function isNativeFresh(file: string = packagedAddon, flags: readonly string[] = []): Promise<boolean> {
  if (!existsSync(file)) return false;
  const stamp = readStamp(file);
  return stamp !== undefined && stampText(stamp) === stampText(stampOf(await readSources(), flags));
}

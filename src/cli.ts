#!/usr/bin/env node
/**
 * The command `paddlewheel`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { InvalidArgumentError, PaddlewheelError } from './common/errors.js';
import { nearestName } from './common/options.js';

const help = `Usage: paddlewheel <command>

Commands:
  build            compile the native build of the kernels, which needs GCC 12, Clang 14 or newer
    --force        also when there is one that works
    --output FILE  into FILE, for the variable PADDLEWHEEL_ADDON; else into the package
  info             what computes on this machine, and why not the native build

Options:
  -h, --help       this text
  -v, --version    the version of paddlewheel

Environment:
  CXX                          the C++ compiler of 'build'; else c++
  PADDLEWHEEL_ENGINE           native, wasm or js; else the first of them that works
  PADDLEWHEEL_ADDON            the native build to load; else the one in the package
  PADDLEWHEEL_THREADS          threads that compute; else as many as the machine runs at once
  PADDLEWHEEL_INSTRUCTION_SET  one that 'info' lists; else the fastest
`;

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

async function build(force: boolean, output: string | undefined): Promise<void> {
  const { packagedAddon } = await import('./engine/addon-file.js');
  const { probe } = await import('./engine/addon-probe.js');
  const { buildNative, isNativeFresh } = await import('./engine/build-native.js');
  const target = output === undefined ? packagedAddon : path.resolve(output);
  if (!force && (await isNativeFresh(target))) {
    try {
      probe(target);
      console.log(`${target} is there and works; --force compiles it anew.`);
      return;
    } catch (error) {
      console.log(`${(error as Error).message}. Compiling it anew.`);
    }
  }
  console.log('Compiling the kernels, which takes a minute ...');
  await buildNative({ output: target });
  probe(target);
  console.log(`Made ${target}`);
  if (output !== undefined) console.log(`Set PADDLEWHEEL_ADDON=${target} to use it.`);
}

async function info(): Promise<void> {
  const device = await import('./device/index.js');
  const { engineBackend, requestedEngine, selectDefaultBackend } = await import('./engine/index.js');
  const { NativeLibrary } = await import('./engine/native.js');
  selectDefaultBackend();
  const { engine, instructionSet, threads, whyNotNative } = device.info();
  const library = engineBackend()?.library;
  const requested = requestedEngine();
  const lines = {
    Version: `${version()} on Node ${process.versions.node}, ${process.platform}-${process.arch}`,
    Engine: requested ? `${engine}, as PADDLEWHEEL_ENGINE asks` : engine,
    Instructions: instructionSet,
    ...(library instanceof NativeLibrary && {
      'This machine has': library.instructionSets.join(', '),
      'Native build': library.file,
    }),
    Threads: threads,
    ...(whyNotNative !== undefined && { 'Why not native': whyNotNative }),
  };
  for (const [name, value] of Object.entries(lines)) console.log(`${`${name}:`.padEnd(18)}${value}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
      force: { type: 'boolean' },
      output: { type: 'string' },
    },
  });
  const [command, ...rest] = positionals;
  if (values.version) return console.log(version());
  if (values.help || command === undefined) {
    process.stdout.write(help);
    // Called with nothing to do, or to do nothing.
    if (!values.help) process.exitCode = 2;
    return;
  }
  if (rest.length > 0) throw new InvalidArgumentError(`'${command}' takes no arguments, got '${rest[0]}'`);
  const { force, output } = values;
  if (command === 'build') return build(force === true, output);
  if (force !== undefined || output !== undefined) {
    throw new InvalidArgumentError(`--force and --output belong to the command 'build'`);
  }
  if (command === 'info') return info();
  const near = nearestName(command, ['build', 'info']);
  throw new InvalidArgumentError(`there is no command '${command}'${near ? `; did you mean '${near}'?` : ''}`);
}

main().catch((error: unknown) => {
  const { code, message } = error as { code?: string; message: string };
  const isUsage = error instanceof InvalidArgumentError || code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!isUsage && !(error instanceof PaddlewheelError)) throw error;
  console.error(`paddlewheel: ${message}`);
  if (isUsage) console.error("Run 'paddlewheel --help' for the commands.");
  process.exitCode = isUsage ? 2 : 1;
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packagedAddon } from '../src/engine/addon-file.js';
import { isNativeFresh } from '../src/engine/build-native.js';
import { itAtOnce, runNode, type Environment } from './support/spawn.js';

const cli = (args: readonly string[], environment?: Environment) => runNode(['src/cli.ts', ...args], environment);

describe('paddlewheel', function () {
  this.timeout(60_000);
  const test = itAtOnce();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  });
  after(() => rm(folder, { recursive: true }));

  test('--help lists the commands, --version gives the version', async () => {
    const help = await cli(['--help']);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /^Usage: paddlewheel <command>/);
    for (const name of ['build', '--force', '--output FILE', 'info', 'PADDLEWHEEL_ENGINE', 'CXX']) {
      assert.ok(help.stdout.includes(`  ${name} `), name);
    }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.deepEqual(await cli(['-v']), { status: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('prints the help and fails when it has nothing to do', async () => {
    const { status, stdout } = await cli([]);
    assert.equal(status, 2);
    assert.match(stdout, /^Usage/);
  });

  const wrong: Record<string, [args: string[], message: RegExp]> = {
    'an unknown command': [['biuld'], /there is no command 'biuld'; did you mean 'build'\?/],
    'an unknown option': [['build', '--fast'], /Unknown option '--fast'/],
    'an option without its value': [['build', '--output'], /--output/],
    'an option of another command': [['info', '--force'], /--force and --output belong to the command 'build'/],
    'an argument too much': [['build', 'native'], /'build' takes no arguments, got 'native'/],
  };
  for (const [name, [args, message]] of Object.entries(wrong)) {
    test(`refuses ${name}`, async () => {
      const { status, stdout, stderr } = await cli(args);
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^paddlewheel: /);
      assert.match(stderr, message);
      assert.match(stderr, /Run 'paddlewheel --help'/);
    });
  }

  describe('info', () => {
    test('tells the engine, its instructions and threads', async () => {
      const { status, stdout } = await cli(['info'], { PADDLEWHEEL_ENGINE: 'wasm', PADDLEWHEEL_THREADS: '3' });
      assert.equal(status, 0);
      assert.match(stdout, /^Engine: +wasm, as PADDLEWHEEL_ENGINE asks$/m);
      assert.match(stdout, /^Instructions: +WebAssembly SIMD128$/m);
      assert.match(stdout, /^Threads: +3$/m);
      assert.doesNotMatch(stdout, /native/i);
    });

    it('lists the instruction sets of the machine', async function () {
      if (!(await isNativeFresh())) this.skip();
      const { stdout } = await cli(['info'], { PADDLEWHEEL_ENGINE: '', PADDLEWHEEL_INSTRUCTION_SET: '' });
      assert.match(stdout, /^Engine: +native$/m);
      const sets = /^This machine has: (.*)$/m.exec(stdout)![1]!.split(', ');
      assert.equal(/^Instructions: +(.*)$/m.exec(stdout)![1], sets[0]);
      const base = { x64: 'sse2', arm64: 'neon' }[process.arch as string] ?? 'baseline';
      assert.equal(sets.at(-1), base);
      assert.ok(stdout.includes(packagedAddon));
      if (sets.length === 1) return;
      const slow = await cli(['info'], { PADDLEWHEEL_ENGINE: '', PADDLEWHEEL_INSTRUCTION_SET: base });
      assert.match(slow.stdout, new RegExp(`^Instructions: +${base}$`, 'm'));
    });

    test('says why the native build does not serve', async () => {
      const file = path.join(folder, 'missing.node');
      const environment = { PADDLEWHEEL_ADDON: file, PADDLEWHEEL_ENGINE: '' };
      const { status, stdout, stderr } = await cli(['info'], environment);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^Engine: +wasm$/m);
      assert.ok(stdout.includes(`Why not native:   there is no native build at ${file}`), stdout);
    });

    test('fails when the engine asked for is not there', async () => {
      const file = path.join(folder, 'missing.node');
      const forced = await cli(['info'], { PADDLEWHEEL_ADDON: file, PADDLEWHEEL_ENGINE: 'native' });
      assert.equal(forced.status, 1);
      assert.ok(forced.stderr.startsWith(`paddlewheel: there is no native build at ${file}`), forced.stderr);
      assert.equal((await cli(['info'], { PADDLEWHEEL_ENGINE: 'fast' })).status, 2);
    });
  });

  describe('build', () => {
    it('leaves a native build that works alone', async function () {
      if (!(await isNativeFresh())) this.skip();
      const { status, stdout } = await cli(['build'], { CXX: '/nowhere/c++' });
      assert.equal(status, 0);
      assert.match(stdout, /is there and works; --force compiles it anew/);
    });

    test('says what it needs where there is no compiler', async () => {
      const output = path.join(folder, 'none', 'addon.node');
      const { status, stderr } = await cli(['build', '--output', output], { CXX: '/nowhere/c++' });
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^paddlewheel: the native build needs a C\+\+ compiler, and '\/nowhere\/c\+\+' is not there/,
      );
    });

    test('shows what the compiler says when it fails', async () => {
      const compiler = path.join(folder, 'failing');
      await writeFile(compiler, '#!/bin/sh\necho "$1: what is this?" >&2\nexit 1\n', { mode: 0o755 });
      const output = path.join(folder, 'failed.node');
      const { status, stderr } = await cli(['build', '--output', output], { CXX: `${compiler} --first` });
      assert.equal(status, 1);
      assert.match(stderr, /the native build failed with '.*failing --first', .*GCC 12, Clang 14/);
      assert.match(stderr, /--first: what is this\?/);
    });

    test('says where else it can write when the folder cannot be written', async () => {
      const compiler = path.join(folder, 'copying');
      // Makes an empty file of whatever it is asked for.
      await writeFile(compiler, '#!/bin/sh\nfor last; do :; done\n: > "$last"\n', { mode: 0o755 });
      const output = path.join(compiler, 'addon.node');
      const { status, stderr } = await cli(['build', '--output', output], { CXX: compiler });
      assert.equal(status, 1);
      assert.ok(stderr.startsWith(`paddlewheel: the native build cannot be written to ${output} (`), stderr);
      assert.match(stderr, /name another file with --output FILE, and that file in the variable PADDLEWHEEL_ADDON/);
    });
  });
});

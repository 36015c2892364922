/**
 * Runs the tests of the kernels on native builds with AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer:
 * `npm run sanitize -- [--only address,undefined,thread] [--runs 50] [--sets avx512,avx2,sse2] [FILE...]`. Needs GCC and
 * Linux. Every finding is printed; without one the last line says so.
 *
 * Before the tests each sanitizer has to find a mistake made on purpose.
 */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildNative, isNativeFresh } from '../src/engine/build-native.js';

const { values: options, positionals } = parseArgs({
  options: {
    only: { type: 'string', default: 'address,undefined,thread' },
    runs: { type: 'string', default: '0' },
    sets: { type: 'string', default: '' },
  },
  allowPositionals: true,
});
const root = path.resolve(import.meta.dirname, '..');
const files =
  positionals.length > 0 ? positionals : ['test/kernels/**/*.test.ts', 'test/engine/properties/**/*.test.ts'];
const compiler = process.env.CXX || 'c++';

/** What the mistakes below begin with: `kernels`, and `at(floats)`, which takes memory. */
const prologue = `
  const addon = { exports: {} };
  process.dlopen(addon, process.env.PADDLEWHEEL_ADDON);
  const [kernels] = Object.values(addon.exports.kernels);
  const at = (floats) => addon.exports.addressOf(new ArrayBuffer(4 * floats));
`;

const sanitizers = {
  address: {
    flags: ['-fsanitize=address', '-fsanitize-recover=address'],
    library: 'libasan.so',
    environment: { ASAN_OPTIONS: 'detect_leaks=0:halt_on_error=0' },
    finding: /ERROR: AddressSanitizer/,
    // Writes an element past the end.
    mistake: 'kernels.unary(8, at(100), at(99), 100, 0);',
  },
  undefined: {
    flags: ['-fsanitize=undefined,float-cast-overflow', '-fsanitize-recover=all'],
    library: 'libubsan.so',
    environment: { UBSAN_OPTIONS: 'print_stacktrace=1' },
    finding: /runtime error:/,
    // Passes a number that is no integer of 32 bits.
    mistake: 'kernels.unary(1e12, at(100), at(100), 100, 0);',
  },
  thread: {
    flags: ['-fsanitize=thread'],
    library: 'libtsan.so',
    environment: { TSAN_OPTIONS: 'halt_on_error=0:ignore_noninstrumented_modules=1:exitcode=0' },
    finding: /WARNING: ThreadSanitizer/,
    // Each part of the work writes an element that the next part reads.
    mistake: `
      addon.exports.startThreads(3);
      const place = at(300001);
      for (let i = 0; i < 300; i++) kernels.unary(8, place, place + 4, 300000, 0);`,
  },
};

/** Runs Node with a sanitizer; resolves to its output and exit status. */
function run(args, { library, environment }, addon, set, print) {
  const preload = spawnSync(compiler, [`-print-file-name=${library}`], { encoding: 'utf8' }).stdout.trim();
  const env = {
    ...process.env,
    ...environment,
    LD_PRELOAD: preload,
    PADDLEWHEEL_ADDON: addon,
    PADDLEWHEEL_ENGINE: 'native',
    PADDLEWHEEL_TEST_ENGINES: 'native',
    PADDLEWHEEL_INSTRUCTION_SET: set,
    PADDLEWHEEL_PROPERTY_RUNS: options.runs,
    // More than some machines have, so that parts of the work change hands.
    PADDLEWHEEL_THREADS: '3',
  };
  // Without randomised addresses, which the shadow memory of some versions of the sanitizers collides with.
  const child = spawn('setarch', ['-R', process.execPath, ...args], { cwd: root, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (print) process.stdout.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve({ output, status }));
  });
}

async function sanitize(name) {
  const sanitizer = sanitizers[name];
  const flags = [...sanitizer.flags, '-O1', '-g', '-fno-omit-frame-pointer'];
  const addon = path.join(root, 'output', 'sanitize', `${name}.node`);
  if (!(await isNativeFresh(addon, flags))) {
    console.log(`Building for the ${name} sanitizer, which takes minutes ...`);
    await buildNative({ output: addon, flags, compiler });
  }
  const code = `${prologue}${sanitizer.mistake}`;
  const control = await run(
    ['-e', `const __code = ${JSON.stringify(code)}; eval(__code);`],
    sanitizer,
    addon,
    '',
    false,
  );
  if (!sanitizer.finding.test(control.output)) {
    throw new Error(`the ${name} sanitizer does not find a mistake made on purpose:\n${control.output}`);
  }
  const mocha = ['node_modules/mocha/bin/mocha.js', '--timeout', '0', '--reporter', 'dot'];
  const guard = name === 'thread' ? [] : ['--require', './test/support/guarded-memory.ts'];
  let findings = 0;
  for (const set of options.sets === '' ? [''] : options.sets.split(',')) {
    console.log(`Tests with the ${name} sanitizer${set && `, ${set}`}:`);
    const { output, status } = await run([...mocha, ...guard, ...files], sanitizer, addon, set, true);
    findings += output.split('\n').filter((line) => sanitizer.finding.test(line)).length;
    if (status !== 0) throw new Error(`the tests fail with the ${name} sanitizer (status ${status})`);
  }
  return findings;
}

const found = {};
for (const name of options.only.split(',')) found[name] = await sanitize(name);
console.log(
  Object.entries(found)
    .map(([name, count]) => `${name}: ${count} findings`)
    .join(', '),
);
process.exitCode = Object.values(found).some((count) => count > 0) ? 1 : 0;

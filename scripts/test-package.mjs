/**
 * Installs the packed package into an empty folder and trains with it: with its native build, without, with broken ones,
 * and with one made there. `npm run test:package` builds and packs before. What needs a C++ compiler is left out where
 * there is none.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const platform = `${process.platform}-${process.arch}`;
const scratch = await mkdtemp(path.join(tmpdir(), 'paddlewheel-package-'));
const project = path.join(scratch, 'project');
const installed = path.join(project, 'node_modules', 'paddlewheel');
const addon = path.join(installed, 'prebuilds', platform, 'paddlewheel.node');
const compiler = process.env.CXX ?? 'c++';
const hasCompiler = spawnSync(compiler, ['--version']).status === 0;

/** The environment of a user who has set nothing; the note that a native build works is kept in the scratch folder. */
const environment = Object.fromEntries(
  Object.entries({ ...process.env, HOME: scratch, PADDLEWHEEL_THREADS: '2' }).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS|NODE_PATH|PADDLEWHEEL_(?!THREADS))/.test(name),
  ),
);

function run(command, args, { env, ...options } = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd: project,
    encoding: 'utf8',
    timeout: 600_000,
    ...options,
    env: { ...environment, ...env },
  });
  if (error) throw error;
  return { status: signal ?? status, stdout, stderr };
}

function succeed(command, args, options) {
  const { status, stdout, stderr } = run(command, args, options);
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** Packs the package; resolves to the file and the paths in it. */
function pack() {
  // npm's own folder of settings and downloads.
  const env = { HOME: process.env.HOME };
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch];
  const [{ filename, files }] = JSON.parse(succeed('npm', args, { cwd: root, env }));
  return { file: path.join(scratch, filename), paths: files.map((entry) => entry.path) };
}

async function filesUnder(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
}

const training = `
import { Model, NdArray, device, seed } from 'paddlewheel';
import { CrossEntropyLoss } from 'paddlewheel/nn';
import { Dataset } from 'paddlewheel/io';
import { Momentum } from 'paddlewheel/optimizer';
import { LeNet } from 'paddlewheel/vision/models';

class Digits extends Dataset {
  length = 40;
  getItem(index) {
    const image = Float32Array.from({ length: 784 }, (_, i) => Math.sin((index % 10) * 0.1 * i));
    return [new NdArray(image, [1, 28, 28]), new NdArray(Int32Array.of(index % 10), [1])];
  }
}
seed(1);
const model = new Model(new LeNet());
model.prepare(new Momentum({ learningRate: 0.05, momentum: 0.9, parameters: model.parameters() }), new CrossEntropyLoss());
const losses = [];
model.on('trainBatchEnd', (step, logs) => losses.push(logs.loss[0]));
await model.fit(new Digits(), null, { epochs: 3, batchSize: 8, shuffle: false, verbose: 0 });
console.log(JSON.stringify({ ...device.info(), losses }));
`;

const squares = `
import { NdArray } from 'paddlewheel';
import { Dataset } from 'paddlewheel/io';
export class Squares extends Dataset {
  static moduleUrl = import.meta.url;
  constructor(length) {
    super();
    this.count = length;
  }
  get length() {
    return this.count;
  }
  getItem(index) {
    return [new NdArray(Float32Array.of(index * index), [1])];
  }
}
`;

const loading = `
import { DataLoader } from 'paddlewheel/io';
import { Squares } from './squares.mjs';
const sums = [];
for await (const [values] of new DataLoader(new Squares(6), { batchSize: 3, numWorkers: 8 })) {
  sums.push(values.dataSync().reduce((sum, value) => sum + value, 0));
}
console.log(JSON.stringify(sums));
`;

/** Trains some steps of LeNet; checks the engine, and that the loss falls. */
function train(engine, env = {}, options = {}) {
  const { status, stdout, stderr } = run(process.execPath, ['train.mjs'], { env, ...options });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  const result = JSON.parse(stdout);
  assert.equal(result.engine, engine, result.whyNotNative);
  const { losses } = result;
  assert.equal(losses.length, 15);
  assert.ok(losses.every(Number.isFinite) && losses.at(-1) < losses[0] - 0.1, losses.join(' '));
  return result;
}

/** The package trains without the native build, and says why; and only that when it must have the native build. */
function assertFallsBack(reason) {
  const { whyNotNative, losses } = train('wasm');
  assert.match(whyNotNative, reason);
  const { status, stderr } = run(process.execPath, ['train.mjs'], { env: { PADDLEWHEEL_ENGINE: 'native' } });
  assert.equal(status, 1);
  assert.match(stderr, /DeviceError: /);
  assert.match(stderr, reason);
  return losses;
}

/** An addon of the right kind whose kernels end the process. */
async function makeCrashing() {
  const { sources } = JSON.parse(await readFile(path.join(installed, 'generated', 'kernels.json'), 'utf8'));
  const source = path.join(scratch, 'crashing.cpp');
  await writeFile(
    source,
    `#include <node_api.h>
static napi_value crash(napi_env, napi_callback_info) { __builtin_trap(); }
static napi_value nothing(napi_env env, napi_callback_info) {
  napi_value zero;
  napi_create_double(env, 0, &zero);
  return zero;
}
static void add(napi_env env, napi_value object, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, object, name, function);
}
NAPI_MODULE_INIT() {
  napi_value kernels, set, stamp;
  napi_create_object(env, &kernels);
  napi_create_object(env, &set);
  add(env, set, "matrix_multiply", crash);
  napi_set_named_property(env, kernels, "sse2", set);
  napi_set_named_property(env, exports, "kernels", kernels);
  napi_create_string_utf8(env, "paddlewheel kernels ${sources} 0123456789abcdef", NAPI_AUTO_LENGTH, &stamp);
  napi_set_named_property(env, exports, "stamp", stamp);
  add(env, exports, "startThreads", nothing);
  add(env, exports, "addressOf", nothing);
  return exports;
}
`,
  );
  const { include_dir: headers } = createRequire(path.join(installed, 'x.js'))('node-api-headers');
  const link = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  succeed(compiler, ['-shared', '-fPIC', '-I', headers, source, ...link, '-o', addon]);
}

let { file, paths } = {};
let ofPrebuilt;

/** What is checked, in this order: each leaves the installed package to the next. */
const steps = {
  'packs the build, the sources of the kernels and nothing else': async () => {
    ({ file, paths } = pack());
    const expected = [
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', `prebuilds/${platform}/paddlewheel.node`],
      ...['kernels.json', 'paddlewheel.wasm', 'tfjs-gradients.js'].map((name) => `generated/${name}`),
      ...(await filesUnder('src/kernels')),
      ...(await filesUnder('src'))
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
        .flatMap((name) =>
          ['.js', '.js.map', '.d.ts'].map((end) => name.replace(/^src/, 'dist').replace(/\.ts$/, end)),
        ),
    ];
    assert.deepEqual(paths.toSorted(), expected.toSorted());
  },

  'installs without running a script': async () => {
    await mkdir(project);
    await writeFile(path.join(project, 'package.json'), '{ "private": true, "type": "module" }');
    await writeFile(path.join(project, 'train.mjs'), training);
    const env = { HOME: process.env.HOME };
    succeed('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', file], { env });
    const lock = await readFile(path.join(project, 'package-lock.json'), 'utf8');
    assert.ok(!lock.includes('hasInstallScript'));
  },

  'trains natively': () => {
    ofPrebuilt = train('native');
    assert.ok(['avx512', 'avx2', 'sse2', 'neon', 'baseline'].includes(ofPrebuilt.instructionSet));
    assert.equal(ofPrebuilt.threads, 2);
    assert.ok(ofPrebuilt.liveBytes > 0 && ofPrebuilt.pooledBytes > 0);
  },

  'loads data in workers': async () => {
    await writeFile(path.join(project, 'squares.mjs'), squares);
    await writeFile(path.join(project, 'load.mjs'), loading);
    const { status, stdout, stderr } = run(process.execPath, ['load.mjs']);
    assert.deepEqual([status, stdout, stderr], [0, '[5,50]\n', '']);
  },

  'has a command that tells so': () => {
    const stdout = succeed('npx', ['--no-install', 'paddlewheel', 'info']);
    assert.match(stdout, /^Engine: +native$/m);
    assert.ok(stdout.includes(ofPrebuilt.instructionSet));
  },

  'trains with every instruction set': () => {
    const sets = /This machine has: (.*)/.exec(succeed('npx', ['--no-install', 'paddlewheel', 'info']))[1].split(', ');
    for (const set of sets) {
      const { instructionSet, losses } = train('native', { PADDLEWHEEL_INSTRUCTION_SET: set });
      assert.equal(instructionSet, set);
      losses.forEach((loss, step) => assert.ok(Math.abs(loss - ofPrebuilt.losses[step]) < 1e-3, `${set} ${step}`));
    }
  },

  'trains where there is no native build, no compiler and no Python': async () => {
    await rm(addon);
    const bin = path.join(scratch, 'bin');
    await mkdir(bin);
    await symlink(process.execPath, path.join(bin, 'node'));
    const env = { PATH: bin, CXX: '' };
    const { losses, whyNotNative } = train('wasm', env);
    losses.forEach((loss, step) => assert.ok(Math.abs(loss - ofPrebuilt.losses[step]) < 1e-3));
    assert.match(whyNotNative, /there is no native build for .*; make one with npx paddlewheel build/);
    const build = run(process.execPath, [path.join(installed, 'dist', 'cli.js'), 'build'], { env });
    assert.equal(build.status, 1);
    assert.match(build.stderr, /needs a C\+\+ compiler, and 'c\+\+' is not there/);
  },

  'falls back from a file of random bytes': async () => {
    await writeFile(addon, randomBytes(100_000));
    assertFallsBack(/it is no native build of paddlewheel, or a damaged one/);
  },

  'falls back from a library of others': async () => {
    await copyFile(process.execPath, addon);
    assertFallsBack(/it is no native build of paddlewheel, or a damaged one/);
  },

  'falls back from an addon whose kernels end the process': async (skip) => {
    if (!hasCompiler) return skip('needs a C++ compiler');
    await makeCrashing();
    assertFallsBack(/it ends the process with SIG(ILL|TRAP)/);
  },

  'makes the native build anew, without a network': async (skip) => {
    if (!hasCompiler) return skip('needs a C++ compiler');
    // A namespace without a network where the system lets us have one, else a proxy that is not there.
    const alone = ['--map-root-user', '--net', '--'];
    const hasNamespace = process.platform === 'linux' && spawnSync('unshare', [...alone, 'true']).status === 0;
    const nowhere = 'http://127.0.0.1:9';
    const env = { HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, npm_config_registry: nowhere, CXX: compiler };
    const command = ['npx', '--no-install', 'paddlewheel', 'build'];
    const [program, ...args] = hasNamespace ? ['unshare', ...alone, ...command] : command;
    assert.match(succeed(program, args, { env }), /^Made .*paddlewheel\.node$/m);
    const { losses } = train('native');
    assert.deepEqual(losses, ofPrebuilt.losses);
    assert.match(succeed('npx', ['--no-install', 'paddlewheel', 'build']), /is there and works/);
  },

  'makes it elsewhere when the folder cannot be written': async (skip) => {
    if (!hasCompiler || process.getuid?.() !== 0) return skip('needs a C++ compiler, and to be root');
    const home = path.join(scratch, 'nobody');
    await mkdir(home);
    for (const folder of [scratch, project]) await chmod(folder, 0o755);
    await chmod(home, 0o777);
    // In the place of the compiler what copies the build made before.
    const ready = path.join(scratch, 'ready.node');
    const copying = path.join(scratch, 'copying');
    await rename(addon, ready);
    await writeFile(copying, `#!/bin/sh\nfor last; do :; done\ncp ${ready} "$last"\n`, { mode: 0o755 });
    const nobody = { uid: 65534, gid: 65534, env: { HOME: home, TMPDIR: home, CXX: copying } };
    const cli = path.join(installed, 'dist', 'cli.js');
    const refused = run(process.execPath, [cli, 'build'], nobody);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /cannot be written to .*EACCES.* --output FILE, .*PADDLEWHEEL_ADDON/);
    const elsewhere = path.join(home, 'own.node');
    assert.ok(
      succeed(process.execPath, [cli, 'build', '--output', elsewhere], nobody).includes(
        `PADDLEWHEEL_ADDON=${elsewhere}`,
      ),
    );
    const { losses } = train('native', { ...nobody.env, PADDLEWHEEL_ADDON: elsewhere }, { uid: 65534, gid: 65534 });
    assert.deepEqual(losses, ofPrebuilt.losses);
  },
};

let failed = 0;
try {
  for (const [name, step] of Object.entries(steps)) {
    let skipped;
    const start = performance.now();
    try {
      await step((reason) => void (skipped = reason));
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(skipped ? `skip  ${name}: ${skipped}` : `ok    ${name} (${seconds} s)`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${name}\n${error.stack}`);
      if (file === undefined) break;
    }
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;

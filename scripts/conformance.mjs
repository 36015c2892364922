/* global jasmine */
/**
 * Runs the tests that @tensorflow/tfjs-core ships on an engine of the library:
 * `npm run conformance -- [--engine native|wasm|js] [--quick] [--grep REGEX]`. The last line has the counts.
 *
 * `--quick` leaves out the files of what no engine has kernels or code of its own for.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import Jasmine from 'jasmine';

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'wasm' },
    quick: { type: 'boolean', default: false },
    grep: { type: 'string', default: '' },
  },
});

if (!['native', 'wasm', 'js'].includes(options.engine)) {
  throw new Error(`--engine must be native, wasm or js, got '${options.engine}'`);
}

/**
 * Specs that an engine does not have to pass, with the reason. Specs that TensorFlow.js itself offers to some backends
 * only are not even defined for the others: they are listed all the same.
 */
const exceptions = [
  {
    engines: ['native', 'wasm'],
    spec: /^Switching cpu backends/,
    reason: "two specs about copies of TensorFlow.js's own backend 'cpu', defined for that backend alone",
  },
].filter(({ engines }) => engines.includes(options.engine));

const left = [
  /^(browser_util|hash_util|util|version|flags)_test/,
  /^(io|platforms)\//,
  /^ops\/(signal|sparse|spectral|string|linalg|losses)\//,
  /^ops\/image\/(?!resize)/,
  /^ops\/.*(3d|rnn|lstm|ragged|random|rand|multinomial|sparse|segment|einsum|search|bound|bincount|draw|dilation)/,
];

const root = path.resolve(import.meta.dirname, '..');
const core = path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json'));
const fromCore = (file) => JSON.stringify(path.join(core, 'dist', file));
const specFiles = readdirSync(path.join(core, 'dist'), { recursive: true })
  .filter((file) => file.endsWith('_test.js'))
  .filter((file) => !options.quick || !left.some((pattern) => pattern.test(file.replaceAll(path.sep, '/'))))
  .sort();

/**
 * The tests, TensorFlow.js and the engine as one module, since the files of the package are not ones that Node can
 * import. Tests are evaluated only by `load`, when the environment that they ask for is known.
 */
const entry = `
  import { selectEngine } from ${JSON.stringify(path.join(root, 'src/engine/index.ts'))};
  import { getBackend } from ${fromCore('index.js')};
  import ${fromCore('public/chained_ops/register_all_chained_ops.js')};
  import ${fromCore('register_all_gradients.js')};
  import { setTestEnvs } from ${fromCore('jasmine_util.js')};
  export async function load(engine) {
    selectEngine(engine);
    setTestEnvs([{ name: engine, backendName: getBackend(), isDataSync: true }]);
    ${specFiles.map((file) => `await import(${fromCore(file)});`).join('\n    ')}
  }`;

/** Makes every spelling of tfjs-core the one copy of files that the tests use. */
const oneCore = {
  name: 'one-core',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@tensorflow\/tfjs-core($|\/dist\/)/ }, ({ path: name }) => {
      const file = path.join(core, name.replace('@tensorflow/tfjs-core', '').replace(/^$/, 'dist/index.js'));
      const candidates = [file, `${file}.js`, path.join(file, 'index.js')];
      return { path: candidates.find((one) => one.endsWith('.js') && existsSync(one)) };
    });
    // The tests set a time limit on a copy of jasmine-core of their own; its exports hide that file.
    onResolve({ filter: /^jasmine-core\/lib/ }, () => ({ path: 'jasmine-core', namespace: 'stub' }));
    onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'module.exports = { core: () => ({}) };' }));
  },
};

/** Bundles the tests and gives their module. */
async function importTests() {
  const bundle = path.join(root, 'node_modules/.cache/paddlewheel', `conformance-${process.pid}.mjs`);
  mkdirSync(path.dirname(bundle), { recursive: true });
  await build({
    stdin: { contents: entry, resolveDir: root },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    plugins: [oneCore],
    external: ['node-fetch'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    define: {
      // Where the engine looks for its kernels.
      'import.meta.url': JSON.stringify(pathToFileURL(path.join(root, 'src/engine/library.ts')).href),
    },
    logLevel: 'error',
  });
  try {
    return await import(pathToFileURL(bundle).href);
  } finally {
    rmSync(bundle);
  }
}

const runner = new Jasmine({ projectBaseDir: root });
runner.exitOnCompletion = false;
// Several tests share a name, and some rely on their order.
runner.env.configure({ random: false, forbidDuplicateNames: false });
const tests = await importTests();
jasmine.DEFAULT_TIMEOUT_INTERVAL = 20_000;
await tests.load(options.engine);

const counts = { passed: 0, failed: 0, pending: 0, exempt: 0 };
const failures = [];
const noteFailures = ({ fullName, failedExpectations }) => {
  for (const { message } of failedExpectations ?? []) failures.push(`${fullName ?? 'tests'}\n    ${message}`);
};
runner.clearReporters();
runner.addReporter({
  specDone(spec) {
    const exempt = spec.status === 'failed' && exceptions.some((one) => one.spec.test(spec.fullName));
    if (exempt) counts.exempt++;
    else if (spec.status in counts) counts[spec.status]++;
    if (!exempt) noteFailures(spec);
  },
  suiteDone: noteFailures,
  jasmineDone: noteFailures,
});
const wanted = new RegExp(options.grep);
runner.env.configure({ specFilter: (spec) => wanted.test(spec.getFullName()) });
// Warnings of TensorFlow.js are part of what some tests provoke.
console.warn = () => undefined;
await runner.execute();

for (const failure of failures) console.log(failure);
for (const { spec, reason } of exceptions) console.log(`exempt: ${spec.source}: ${reason}`);
console.log(
  `engine ${options.engine}: ${counts.passed} passed, ${counts.failed} failed, ${counts.exempt} exempt, ${counts.pending} pending in ${specFiles.length} files`,
);
process.exit(failures.length === 0 && counts.passed > 0 ? 0 : 1);

/**
 * Runs the property tests of the engines with many samples: `npm run test:properties -- [--runs 500]
 * [--engines native,wasm,js] [FILE...]`. `npm test` runs the same tests with few.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '500' }, engines: { type: 'string', default: '' } },
  allowPositionals: true,
});
const root = path.resolve(import.meta.dirname, '..');
const files = positionals.length > 0 ? positionals : ['test/engine/properties/**/*.test.ts'];
const mocha = path.join(root, 'node_modules/mocha/bin/mocha.js');
const { status } = spawnSync(process.execPath, [mocha, '--timeout', '0', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PADDLEWHEEL_PROPERTY_RUNS: options.runs, PADDLEWHEEL_TEST_ENGINES: options.engines },
});
process.exit(status ?? 1);

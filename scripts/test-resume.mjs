/**
 * Kills and resumes many trainings: `npm run test:resume -- [--trials 20]`. `npm test` does the same with few.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: { trials: { type: 'string', default: '20' } } });
const root = path.resolve(import.meta.dirname, '..');
const mocha = path.join(root, 'node_modules/mocha/bin/mocha.js');
const { status } = spawnSync(process.execPath, [mocha, '--timeout', '0', 'test/model/resume.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PADDLEWHEEL_RESUME_TRIALS: options.trials },
});
process.exit(status ?? 1);

/**
 * Exchanges files with a real Paddle in both directions: `npm run test:paddle -- --python PATH`.
 *
 * PATH is the Python of an environment with `paddlepaddle`; without it, `python3`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } });
const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'interop-'));

function run(command, ...args) {
  const { status, error } = spawnSync(command, [...args, folder], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  return status === 0;
}

try {
  const done =
    run(process.execPath, '--import', 'tsx', 'test/interop/write-files.ts') &&
    run(values.python, 'test/interop/paddle_loads.py') &&
    run(process.execPath, '--import', 'tsx', 'test/interop/read-files.ts');
  process.exitCode = done ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

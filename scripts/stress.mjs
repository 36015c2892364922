/**
 * Stresses the native thread pool: npm run stress -- --seconds 30. It needs GCC or Clang.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'output', 'stress');
mkdirSync(folder, { recursive: true });
for (const spins of [1, 20, 2000]) {
  const program = path.join(folder, `spins-${spins}`);
  const source = path.join(root, 'scripts', 'thread-pool-stress.cpp');
  execFileSync(process.env.CXX || 'c++', [
    '-std=c++17',
    '-O2',
    `-DPOOL_SPINS=${spins}`,
    source,
    '-o',
    program,
    '-pthread',
  ]);
  for (const threads of ['2', '3', '8']) execFileSync(program, [threads, options.seconds], { stdio: 'inherit' });
}

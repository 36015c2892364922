import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { testedEngines } from '../../support/engines.js';
import { samples } from '../../support/properties.js';

const program = fileURLToPath(new URL('../../support/training-bits.ts', import.meta.url));
const run = promisify(execFile);

/** What a fresh process prints that trains on an engine with a number of threads. */
async function bitsOf(engine: string, threads: number): Promise<string> {
  const env = { ...process.env, PADDLEWHEEL_ENGINE: engine, PADDLEWHEEL_THREADS: String(threads) };
  const { stdout } = await run(process.execPath, ['--import', 'tsx', program], { env });
  // TensorFlow.js greets before it computes.
  return stdout.trim().split('\n').at(-1)!;
}

const processes = samples(2).numRuns > 2 ? 6 : 2;
const threadCounts = processes > 2 ? [1, 2, 3, 8] : [1, 3];

describe('training', function () {
  this.timeout(120_000);

  // Plain JavaScript has one thread and one order.
  for (const engine of testedEngines.filter((name) => name !== 'js')) {
    for (const threads of threadCounts) {
      it(`gives the same bits run after run (${engine}, ${threads} threads)`, async () => {
        const bits = await Promise.all(Array.from({ length: processes }, () => bitsOf(engine, threads)));
        assert.match(bits[0]!, /^[0-9a-f]{64}$/);
        for (const other of bits) assert.equal(other, bits[0]);
      });
    }
  }
});

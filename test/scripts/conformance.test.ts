import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { testedEngines } from '../support/engines.js';
import { itAtOnce } from '../support/spawn.js';

const run = promisify(execFile);

describe("TensorFlow.js's own tests", function () {
  this.timeout(180_000);
  const test = itAtOnce();

  // The engine 'js' is TensorFlow.js's own backend.
  for (const engine of testedEngines.filter((name) => name !== 'js')) {
    test(`pass on the engine ${engine}, those that concern it`, async () => {
      const { stdout } = await run(process.execPath, ['scripts/conformance.mjs', '--engine', engine, '--quick']);
      const counts = /(\d+) passed, (\d+) failed, (\d+) exempt/.exec(stdout.trim().split('\n').at(-1)!);
      assert.ok(counts, stdout);
      const [passed, failed, exempt] = counts.slice(1).map(Number);
      assert.ok(passed! > 3000, `${passed} specs passed`);
      assert.deepEqual([failed, exempt], [0, 0]);
    });
  }
});

import assert from 'node:assert/strict';
import { testedEngines } from '../support/engines.js';
import { runNode } from '../support/spawn.js';

describe('Model.fit without memory for a batch', function () {
  this.timeout(60_000);

  // Plain JavaScript has no memory of its own.
  for (const engine of testedEngines.filter((name) => name === 'native' || name === 'wasm')) {
    it(`rejects, leaves everything as it was, and trains with a smaller batch (${engine})`, async () => {
      const { status, stderr } = await runNode(['--expose-gc', 'test/support/out-of-memory.ts'], {
        PADDLEWHEEL_ENGINE: engine,
      });
      assert.equal(status, 0, stderr);
    });
  }
});

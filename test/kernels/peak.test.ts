import '../support/setup.js';
import assert from 'node:assert/strict';
import { engineBackend } from '../../src/engine/index.js';

describe('the kernel that measures the peak', () => {
  it('counts its operations', function () {
    const backend = engineBackend();
    if (backend === undefined) return this.skip();
    const result = backend.allocate([1]);
    const operations = (rounds: number) => {
      backend.kernels.peak(result.pointer, rounds);
      return backend.readSync(result.dataId)[0] as number;
    };
    // Twelve chains of vectors of at least four floats, a multiplication and an addition each.
    const one = operations(1);
    assert.ok(one >= 12 * 4 * 2 && one % (12 * 4 * 2) === 0, `${one} operations in a round`);
    assert.equal(operations(1000), 1000 * one);
    backend.disposeData(result.dataId);
  });
});

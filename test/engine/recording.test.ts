import '../support/setup.js';
import assert from 'node:assert/strict';
import { OutOfMemoryError } from '../../src/common/errors.js';
import { Reserve } from '../../src/engine/reserve.js';
import { StoragePool } from '../../src/engine/storage-pool.js';

/** A pool of at most `limit` bytes. */
function makePool(limit = Infinity): StoragePool {
  let end = 64;
  const pool = new StoragePool({
    extend: (bytes) => {
      end += bytes;
      return end - bytes;
    },
  });
  pool.limit = limit;
  return pool;
}

const keep = () =>
  new Reserve(
    () => false,
    () => undefined,
  );

describe('memory of a recording', () => {
  it('takes free blocks of the pool, and keeps them', () => {
    const pool = makePool();
    const free = pool.take(1024);
    pool.give(free, 1024);
    const reserve = keep();
    pool.takeFrom(reserve, () => {
      assert.equal(pool.take(1024), free);
      pool.give(free, 1024);
      assert.equal(pool.take(1024), free);
    });
    assert.ok(pool.isFrom(reserve, free));
    pool.give(free, 1024);
    assert.notEqual(pool.take(1024), free);
    assert.equal(pool.liveBytes, 2048);
    assert.equal(
      pool.takeFrom(reserve, () => pool.take(1024)),
      free,
    );
  });

  it('leaves blocks alone that come from elsewhere', () => {
    const pool = makePool();
    const outside = pool.take(1024);
    const reserve = keep();
    pool.takeFrom(reserve, () => pool.give(outside, 1024));
    assert.ok(!pool.isFrom(reserve, outside));
    assert.equal(pool.take(1024), outside);
  });

  it('goes back to the pool when it is dissolved, also what is in use then', () => {
    const pool = makePool();
    const reserve = keep();
    const [used, free] = pool.takeFrom(reserve, () => [pool.take(1024), pool.take(1024)] as const);
    pool.give(free, 1024);
    pool.dissolve(reserve);
    assert.deepEqual([pool.liveBytes, pool.pooledBytes], [1024, 1024]);
    assert.equal(pool.take(1024), free);
    pool.give(used, 1024);
    assert.equal(pool.take(1024), used);
  });

  it('is asked for when there is no other memory, and may refuse', () => {
    const pool = makePool(4096);
    let asked = 0;
    let isInUse = true;
    const reserve: Reserve = new Reserve(
      () => {
        asked++;
        if (isInUse) return false;
        pool.dissolve(reserve);
        return true;
      },
      () => undefined,
    );
    pool.give(
      pool.takeFrom(reserve, () => pool.take(2048)),
      2048,
    );
    assert.throws(() => pool.take(4096), OutOfMemoryError);
    isInUse = false;
    pool.take(2048);
    assert.equal(asked, 1);
    pool.take(2048);
    assert.equal(asked, 2);
  });

  it('is lost when there is too little for itself: blocks are joined and cut as ever', () => {
    const pool = makePool(4096);
    let lost = 0;
    const reserve = new Reserve(
      () => false,
      () => lost++,
    );
    pool.takeFrom(reserve, () => {
      const halves = [pool.take(2048), pool.take(2048)];
      for (const half of halves) pool.give(half, 2048);
      assert.equal(pool.take(4096), Math.min(...halves));
      pool.give(Math.min(...halves), 4096);
    });
    assert.equal(lost, 1);
    assert.deepEqual([pool.liveBytes, pool.pooledBytes], [0, 4096]);
  });
});

import assert from 'node:assert/strict';
import { recordsOnIds } from '../../src/autograd/tensor-records.js';

describe('records of tensors', () => {
  it('are those that were set last, until they are deleted', () => {
    const records = recordsOnIds<string>(undefined);
    const [first, second] = [{}, {}];
    records.set(first, 'old');
    records.set(first, 'new');
    assert.equal(records.get(first), 'new');
    assert.equal(records.get(second), undefined);
    assert.deepEqual([records.has(first), records.has(second)], [true, false]);
    records.delete(first);
    assert.deepEqual([records.get(first), records.has(first)], [undefined, false]);
  });

  it('of tensors from before are found, replaced and deleted, too', () => {
    const [kept, replaced, deleted] = [{}, {}, {}];
    const earlier = new Map<object, string>([kept, replaced, deleted].map((id) => [id, 'earlier']));
    const records = recordsOnIds<string>(earlier);
    records.set(replaced, 'later');
    records.delete(deleted);
    assert.deepEqual(
      [kept, replaced, deleted].map((id) => records.get(id)),
      ['earlier', 'later', undefined],
    );
  });
});

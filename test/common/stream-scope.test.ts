import assert from 'node:assert/strict';
import { inStreamScope, nextStream, seed } from '../../src/common/random.js';

const draw = () => nextStream('dropout').uint32();

describe('inStreamScope', () => {
  it('gives the same streams whatever else was drawn', () => {
    seed(3);
    const first = inStreamScope('run', 5, () => [draw(), draw()]);
    draw();
    assert.deepEqual(
      inStreamScope('run', 5, () => [draw(), draw()]),
      first,
    );
    assert.notEqual(first[0], first[1]);
  });

  it('takes no stream from those outside', () => {
    seed(3);
    const plain = [draw(), draw()];
    seed(3);
    const first = draw();
    inStreamScope('run', 0, draw);
    assert.deepEqual([first, draw()], plain);
  });

  it('depends on the seed, the name, the step and the purpose', () => {
    seed(3);
    const values = [
      inStreamScope('run', 0, draw),
      inStreamScope('run', 1, draw),
      inStreamScope('other', 0, draw),
      inStreamScope('run', 0, () => nextStream('sampling').uint32()),
      draw(),
    ];
    seed(4);
    values.push(inStreamScope('run', 0, draw));
    assert.equal(new Set(values).size, values.length);
  });

  it('ends with an error, too, and nests', () => {
    seed(3);
    const outside = draw();
    seed(3);
    assert.throws(() =>
      inStreamScope('run', 0, () => {
        throw new Error('failure');
      }),
    );
    assert.equal(draw(), outside);
    const [outer, inner, again] = inStreamScope('run', 0, () => [draw(), inStreamScope('run', 1, draw), draw()]);
    assert.deepEqual(
      inStreamScope('run', 0, () => [draw(), draw()]),
      [outer, again],
    );
    assert.equal(inStreamScope('run', 1, draw), inner);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FileFormatError } from '../../../src/common/errors.js';
import { readMat } from '../../../src/vision/datasets/mat-file.js';
import { mat, matRow, type MatVariable } from './mat-bytes.js';

/**
 * Written by scipy.io.savemat (SciPy 1.17.1, do_compression): labels uint16 [[1, 102, 3, 77, 40000]],
 * d float64 [[1.5, -2], [3, 4e10]], i int64 [[-5, 6]], s uint8 [[1, 2, 3]], f float32 [[0.5]], a text and a complex array.
 */
const fromScipy = Buffer.from(
  'TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFR1ZSBOb3YgMjQgMTg6MjQ6MDIgMjAyNgAAAAAAAAAAAA' +
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0PAAAANwAAAHic42NgYPAAYjYg5gBibgYIYIXyGaFsRqianMSk' +
    '1JxiBgYWIJsLLJ7GwMzgy+AwB6IPAH23BJ4PAAAANAAAAHic42NgYAgAYjYg5oDSIMAK5TNBMSMQpgBpTiBWYICBH/YQmsMBKnAAJB2/QMkJAH' +
    'AvBNUPAAAALwAAAHic42NgYHAAYjYg5gBiPgYIYIXyGYGYCUwzMmQCaR4gFgDi3/8hgA2qHgCQDgj8DwAAACoAAAB4nONjYGAwAGI2IOYAYk4G' +
    'CGCF8hmBmBlMMzIUA2kmII+RiZkBABh4AOcPAAAAJQAAAHic42NgYDAAYjYg5gBidgYIYIXyGeGYkSENLM8CkrYHABfBARUPAAAALgAAAHic42' +
    'NgYLAAYjYg5gBiFgYIYIXyGaFsRgZmhpKKEgYBKD8jNScnH0gDAD89A/kPAAAAKwAAAHic42NgYPAAYjYg5gDRIAIIWKF8RjhmZEgG0pxQcQj4' +
    'YI/KZ3AAAErlAng=',
  'base64',
);

const variable: fc.Arbitrary<MatVariable> = fc
  .record({
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 3 }),
    type: fc.constantFrom('uint16' as const, 'double' as const),
    name: fc.stringMatching(/^[a-z][a-z0-9_]{0,11}$/),
  })
  .chain(({ shape, type, name }) => {
    const length = shape.reduce((product, n) => product * n, 1);
    const value = type === 'uint16' ? fc.nat(65535) : fc.double({ noNaN: true });
    return fc.array(value, { minLength: length, maxLength: length }).map((values) => ({ name, shape, values, type }));
  });

describe('readMat', () => {
  it('reads what SciPy wrote', () => {
    const arrays = readMat(fromScipy, 'x.mat');
    assert.deepEqual(
      [...arrays].map(([name, { shape, data }]) => [name, shape, Array.from(data)]),
      [
        ['labels', [1, 5], [1, 102, 3, 77, 40000]],
        ['d', [2, 2], [1.5, -2, 3, 4e10]],
        ['i', [1, 2], [-5, 6]],
        ['s', [1, 3], [1, 2, 3]],
        ['f', [1, 1], [0.5]],
      ],
    );
  });

  it('reads what was written, in either byte order, compressed or not', () => {
    const variables = fc.uniqueArray(variable, { maxLength: 3, selector: ({ name }) => name });
    fc.assert(
      fc.property(variables, fc.boolean(), fc.boolean(), (written, little, compressed) => {
        const arrays = readMat(mat(written, { little, compressed }), 'x.mat');
        assert.deepEqual(
          [...arrays.keys()],
          written.map(({ name }) => name),
        );
        for (const { name, shape, values } of written) {
          const { shape: read, data } = arrays.get(name)!;
          assert.deepEqual(read, shape);
          // In the file the first axis varies fastest, in the array the last.
          const [rows = 0, columns = 0, planes = 1] = shape;
          values.forEach((value, i) => {
            const [r, c, p] = [i % rows, Math.floor(i / rows) % columns, Math.floor(i / rows / columns)];
            assert.ok(Object.is(data[(r * columns + c) * planes + p], value));
          });
        }
      }),
    );
  });

  it('never fails with anything but a FileFormatError', () => {
    for (const whole of [mat([matRow('labels', [1, 2, 3, 4, 5])]), fromScipy]) {
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
          const damaged = Uint8Array.from(whole).subarray(0, end);
          if (at < end) damaged[at] = byte;
          try {
            readMat(damaged, 'x');
          } catch (error) {
            assert.ok(error instanceof FileFormatError, String(error));
          }
        }),
        { numRuns: 300 },
      );
    }
  });

  it('says what is wrong with a file', () => {
    const whole = mat([matRow('labels', [1, 2, 3])]);
    const changed = (at: number, byte: number) => {
      const copy = Buffer.from(whole);
      copy[at] = byte;
      return copy;
    };
    const cases: [Buffer, RegExp][] = [
      [Buffer.from('no such file'), /p\/x\.mat is no MATLAB file of the versions 5/],
      [changed(125, 2), /of version 7\.3; save it/],
      [whole.subarray(0, -4), /ends in a data element/],
      [changed(160, 2), /'?labels'? of shape \[2, 3\] has 3 numbers/],
    ];
    for (const [bytes, message] of cases) {
      assert.throws(() => readMat(bytes, 'p/x.mat'), { code: 'FILE_FORMAT', path: 'p/x.mat', message });
    }
  });
});

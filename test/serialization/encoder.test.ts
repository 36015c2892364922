import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidArgumentError } from '../../src/common/errors.js';
import { NdArray, sizeOf, zerosOf, type DType } from '../../src/common/ndarray.js';
import {
  decodePickle,
  encodePickle,
  joinLongArrays,
  MAX_NESTING,
  splitLongArrays,
  Tuple,
  type PickleKey,
  type PickleProtocol,
  type PickleValue,
} from '../../src/serialization/index.js';
import { pythonPickles } from './python-pickles.js';

const protocols = [2, 3, 4] as const;
const decode = (parts: readonly Uint8Array[]) => decodePickle(Buffer.concat(parts), { path: 'some.pd' });
const roundTrip = (value: PickleValue, protocol: PickleProtocol) => decode(encodePickle(value, protocol));

/** Any array of up to four axes. */
const arrays = fc
  .tuple(
    fc.constantFrom<DType>('float32', 'float64', 'int32', 'int64', 'uint8', 'int8', 'int16', 'uint16', 'bool'),
    fc.array(fc.nat(3), { maxLength: 5 }),
    fc.nat(255),
  )
  .map(([dtype, shape, start]) => {
    const data = zerosOf(dtype, sizeOf(shape));
    for (let i = 0; i < data.length; i++) {
      const number = (start + 37 * i) % 256;
      if (data instanceof BigInt64Array) data[i] = BigInt(number) << 40n;
      else data[i] = dtype === 'bool' ? number % 2 : number;
    }
    return new NdArray(data, shape, dtype);
  });

const integers = fc.bigInt().map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));

const keys: fc.Arbitrary<PickleKey> = fc.oneof(fc.string({ unit: 'grapheme' }), integers, fc.boolean());

const values: fc.Arbitrary<PickleValue> = fc.letrec<{ value: PickleValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    integers,
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 300 }),
    arrays,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(tie('value'), { maxLength: 5 }).map((items) => new Tuple(items)),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
  ),
})).value;

describe('encodePickle', () => {
  for (const protocol of protocols) {
    it(`writes what is read back equal, protocol ${protocol}`, () => {
      fc.assert(
        fc.property(values, (value) => {
          assert.deepEqual(roundTrip(value, protocol), value);
        }),
      );
    });
  }

  // What the decoder converts, or what other Python objects gave, is written otherwise.
  const converted = ['OrderedDict', 'frozenset', 'asfortranarray', "'u4'", "'f2'", 'np.float64'];
  for (const { expression, value, pickles } of pythonPickles) {
    if (converted.some((part) => expression.includes(part))) continue;
    for (const protocol of [2, 3] as const) {
      it(`writes ${expression} byte for byte as Python, protocol ${protocol}`, () => {
        const expected = Buffer.from(pickles[protocol], 'base64').toString('latin1');
        const written = Buffer.concat(encodePickle(value, protocol)).toString('latin1');
        assert.equal(written, expected.replace('numpy._core.multiarray', 'numpy.core.multiarray'));
      });
    }
  }

  for (const protocol of protocols) {
    it(`writes long lists, dicts, texts and arrays, protocol ${protocol}`, () => {
      const long = [0, 1, 999, 1000, 1001, 2500].map((length) => Array.from({ length }, (_, i) => `item ${i}`));
      const dicts = long.map((list) => new Map(list.map((item, index) => [item, index])));
      const text = 'ä'.repeat(100_000);
      const array = new NdArray(Float32Array.from({ length: 50_000 }, Math.sqrt), [50, 1000]);
      const value = [...long, ...dicts, text, array];
      assert.deepEqual(roundTrip(value, protocol), value);
    });

    it(`writes what is referred to twice once, protocol ${protocol}`, () => {
      const shared = new NdArray(new Float32Array(1000), [1000]);
      const parts = encodePickle([shared, shared, [shared]], protocol);
      assert.ok(Buffer.concat(parts).length < 5000);
      const read = decode(parts);
      assert.ok(Array.isArray(read));
      assert.equal(read[0], read[1]);
    });
  }

  it('does not copy big arrays', () => {
    const array = new NdArray(new Float32Array(100_000), [100_000]);
    assert.ok(encodePickle(array).some((part) => part.buffer === array.data.buffer));
  });

  it('refuses deep nesting, half surrogates and unknown objects', () => {
    let deep: PickleValue = [];
    for (let i = 0; i < MAX_NESTING + 5; i++) deep = [deep];
    assert.throws(() => encodePickle(deep), InvalidArgumentError);
    assert.throws(() => encodePickle('\ud800'), /half of a surrogate pair/);
    assert.throws(() => encodePickle(new Date() as unknown as PickleValue), /cannot hold an instance of Date/);
    assert.throws(() => encodePickle(2n ** 3000n), /more than 255 bytes/);
  });
});

describe('long arrays of a state dict', () => {
  const a = new NdArray(
    Float32Array.from({ length: 12 }, (_, i) => i),
    [3, 4],
  );
  const b = new NdArray(Int16Array.of(1, 2, 3), [3]);
  const state = new Map<PickleKey, PickleValue>([
    ['a', a],
    ['b', b],
    ['LR_Scheduler', new Map([['last_epoch', 1]])],
  ]);

  it('are cut into flat parts with a table, as Paddle cuts them', () => {
    const split = splitLongArrays(state, 20);
    assert.deepEqual([...split.keys()], ['b', 'LR_Scheduler', 'a@@.0', 'a@@.1', 'a@@.2', 'UnpackBigParamInfor@@']);
    assert.deepEqual(split.get('a@@.1'), new NdArray(Float32Array.of(5, 6, 7, 8, 9), [5]));
    const entry = new Map<PickleKey, PickleValue>([
      ['OriginShape', new Tuple([3, 4])],
      ['slices', ['a@@.0', 'a@@.1', 'a@@.2']],
    ]);
    assert.deepEqual(split.get('UnpackBigParamInfor@@'), new Map([['a', entry]]));
  });

  it('are joined again', () => {
    const joined = joinLongArrays(splitLongArrays(state, 20), 'some.pd');
    assert.deepEqual(joined.get('a'), a);
    assert.deepEqual(new Set(joined.keys()), new Set(state.keys()));
  });

  it('stay whole when they are short', () => {
    assert.equal(splitLongArrays(state), state);
    assert.equal(joinLongArrays(state, 'some.pd'), state);
  });

  it('of a damaged table are refused', () => {
    const damaged = (change: (split: Map<PickleKey, PickleValue>) => unknown) => {
      const split = new Map(splitLongArrays(state, 20));
      change(split);
      assert.throws(() => joinLongArrays(split, 'some.pd'), /some\.pd: the parts of the long array a do not fit/);
    };
    damaged((split) => split.delete('a@@.1'));
    damaged((split) => split.set('a@@.1', split.get('a@@.0') ?? null));
    damaged((split) => split.set('a@@.1', b));
    damaged((split) => split.set('UnpackBigParamInfor@@', new Map([['a', null]])));
  });
});

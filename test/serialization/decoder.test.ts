import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FileFormatError } from '../../src/common/errors.js';
import { NdArray } from '../../src/common/ndarray.js';
import { decodePickle, MAX_NESTING, type PickleKey, type PickleValue } from '../../src/serialization/index.js';
import { pythonPickles } from './python-pickles.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const latin1Char = (code: number) => String.fromCharCode(code);
const decode = (bytes: Uint8Array | string, strings?: 'latin1' | 'bytes') =>
  decodePickle(typeof bytes === 'string' ? latin1(bytes) : bytes, { path: 'some.pd', strings });

/** Pieces of protocol 2 from which damaged and hostile files are put together. */
const head = '\x80\x02';
const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
const type = (code: string, order = '<') =>
  `cnumpy\ndtype\n${text(code)}\x89\x88\x87R(K\x03${text(order)}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb`;
const array = (shape: string, elementType: string, bytes: string) =>
  `cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R(K\x01${shape}${elementType}\x89${bytes}tb`;

describe('decodePickle', () => {
  for (const { expression, value, pickles } of pythonPickles) {
    for (const [protocol, base64] of Object.entries(pickles)) {
      it(`reads ${expression} of protocol ${protocol}`, () => {
        assert.deepEqual(decode(Buffer.from(base64, 'base64')), value);
      });
    }
    for (const protocol of [2, 3] as const) {
      const bytes = Buffer.from(pickles[protocol], 'base64').toString('latin1');
      if (!bytes.includes('numpy._core')) continue;
      it(`reads ${expression} of protocol ${protocol} as numpy 1 names it`, () => {
        assert.deepEqual(decode(bytes.replaceAll('numpy._core', 'numpy.core')), value);
      });
    }
  }

  describe('of Python 2', () => {
    const cifar = `${head}}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03U\x06labelsq\x04]q\x05(K\x06K\x09eU\x04dataq\x06${array('K\x02K\x02\x86', type('u1', '|'), 'U\x04\0\x7f\x80\xff')}u.`;

    it('reads strings as latin-1 text', () => {
      const data = new NdArray(Uint8Array.of(0, 0x7f, 0x80, 0xff), [2, 2]);
      assert.deepEqual(
        decode(cifar),
        new Map<PickleKey, PickleValue>([
          ['batch_label', 'training batch 1 of 5'],
          ['labels', [6, 9]],
          ['data', data],
        ]),
      );
    });

    it('reads strings as bytes, keys as text', () => {
      const state = decode(cifar, 'bytes');
      assert.ok(state instanceof Map);
      assert.deepEqual([...state.keys()], ['batch_label', 'labels', 'data']);
      assert.deepEqual(state.get('batch_label'), Uint8Array.from(latin1('training batch 1 of 5')));
      assert.deepEqual(state.get('data'), new NdArray(Uint8Array.of(0, 0x7f, 0x80, 0xff), [2, 2]));
    });

    it('reads integers beyond 32 bits, old booleans and ordered dicts', () => {
      assert.deepEqual(decode(`${head}](I4294967296\nI01\nI00\nL-5L\ne.`), [4294967296, true, false, -5]);
      const pairs = '](](U\x01bK\x01e](U\x01aK\x02ee';
      assert.deepEqual(
        decode(`${head}ccollections\nOrderedDict\n${pairs}\x85R.`),
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
      );
    });
  });

  it('reads the form of a dense tensor', () => {
    const data = array('K\x01\x85', type('f4'), `U\x04\0\0\x80\x3f`);
    const tensor = `c__builtin__\neval\n${text('data')}}${text('data')}${data}s\x86R`;
    assert.deepEqual(decode(`${head}${tensor}.`), new NdArray(Float32Array.of(1), [1]));
  });

  it('views aligned data in place', () => {
    const file = latin1(`\x80\x03${array('K\x01\x85', type('f4'), 'C\x04\0\0\x80\x3f')}.`);
    const start = file.indexOf(latin1('\0\0\x80\x3f'));
    for (const shift of [0, 1, 2, 3]) {
      const storage = new Uint8Array(file.length + 4);
      storage.set(file, shift);
      const value = decode(storage.subarray(shift, shift + file.length));
      assert.ok(value instanceof NdArray);
      assert.deepEqual([...value.data], [1]);
      assert.equal(value.data.buffer === storage.buffer, (shift + start) % 4 === 0);
    }
  });

  it('keeps what is referred to twice one object', () => {
    const value = decode(`${head}]q\0(]q\x01h\x01e.`);
    assert.ok(Array.isArray(value));
    assert.equal(value[0], value[1]);
  });

  describe('refuses', () => {
    const refused: Record<string, readonly [string, RegExp]> = {
      'a function': [`${head}cos\nsystem\nU\x02ls\x85R.`, /refuses to load the Python object "os\.system"/],
      'a function of protocol 4': ['\x80\x04\x8c\x05posix\x8c\x06system\x93)R.', /"posix\.system"/],
      'a builtin function': [`${head}c__builtin__\ngetattr\n.`, /"__builtin__\.getattr"/],
      'an expression': [`${head}c__builtin__\neval\nU\x041+1 }\x86R.`, /refuses to evaluate/],
      'an expression over names': [`${head}c__builtin__\neval\nU\x04data}U\x04dataK\x01s\x86R.`, /refuses to evaluate/],
      'a function as value': [`${head}c__builtin__\neval\n.`, /no plain data/],
      'a call of a value': [`${head}K\x01)R.`, /calls something that is no function/],
      'a class of its own': [`${head}cnumpy\nndarray\n)\x81.`, /opcode 0x81 does not occur/],
      'an instance': [`${head}(cfoo\nBar\no.`, /"foo\.Bar"/],
      'a persistent id': [`${head}U\x01aQ.`, /opcode 0x51 does not occur/],
      'an encoding': [`${head}c_codecs\nencode\n${text('a')}U\x03rot\x86R.`, /refuses a text encoding/],
      'an array of objects': [`${head}${array('K\x01\x85', type('O8', '|'), '](Ne')}.`, /type "O8" are not supported/],
      'an array of texts': [
        `${head}${array('K\x01\x85', type('S4', '|'), 'U\x04abcd')}.`,
        /type "S4" are not supported/,
      ],
      'a big-endian array': [`${head}${array('K\x01\x85', type('f4', '>'), 'U\x040000')}.`, /big-endian 'f4'/],
      'an array of the wrong size': [
        `${head}${array('K\x02\x85', type('f4'), 'U\x040000')}.`,
        /shape \[2\] and type 'f4' has 4 bytes/,
      ],
      'an array of a huge shape': [
        `${head}${array('(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7ft', type('f4'), 'U\x040000')}.`,
        /has 4 bytes/,
      ],
      'an array without content': [
        `${head}cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R.`,
        /an array has no content/,
      ],
      'bytes beyond the end': ['\x80\x04\x8e\0\0\0\0\0\0\0\x10abc.', /needs 1152921504606846976 bytes, has 4/],
      'a text beyond the end': [`${head}X\xff\xff\xff\xffabc.`, /needs 4294967295 bytes, has 4/],
      'a frame beyond the end': ['\x80\x04\x95\xff\0\0\0\0\0\0\0N.', /needs 255 bytes, has 2/],
      'an integer of two gigabytes': [`${head}\x8b\0\0\0\x80.`, /integer of 2147483648 bytes/],
      'text that is no UTF-8': [`${head}X\x01\0\0\0\xff.`, /not valid UTF-8/],
      'a list within itself': [`${head}]q\0h\0a.`, /nested deeper/],
      'a reference to nothing': [`${head}h\x05.`, /refers to value 5/],
      'a missing operand': [`${head}\x86.`, /lacks an operand/],
      'an operand below a mark': [`${head}K\x01(\x85.`, /lacks an operand/],
      'a missing mark': [`${head}K\x01t.`, /lacks its mark/],
      'a dict with half an entry': [`${head}}(K\x01u.`, /a dict is damaged/],
      'a list as key': [`${head}}]K\x01s.`, /expected a text/],
      'two values': [`${head}K\x01K\x02.`, /ends with 2 values/],
      'bytes after the end': [`${head}N.N`, /goes on for 1 bytes after its end/],
      'an empty file': ['', /not a pickle of protocol 2 to 5/],
      'another format': ['PK\x03\x04', /not a pickle of protocol 2 to 5/],
      'a text pickle': ['(lp0\n.', /not a pickle of protocol 2 to 5/],
      'a later protocol': ['\x80\x06N.', /protocol 6; 2 to 5 are read/],
    };
    for (const [what, [bytes, message]] of Object.entries(refused)) {
      it(what, () => {
        assert.throws(
          () => decode(bytes),
          (error) =>
            error instanceof FileFormatError &&
            error.path === 'some.pd' &&
            /^some\.pd: .* \(at byte \d+ of \d+\)$/.test(error.message) &&
            message.test(error.message),
        );
      });
    }

    it('nesting beyond the limit, also when it is put together from shared parts', () => {
      const nested = (levels: number) => `${head}${']'.repeat(levels)}${'a'.repeat(levels - 1)}.`;
      assert.doesNotThrow(() => decode(nested(MAX_NESTING)));
      assert.throws(() => decode(nested(MAX_NESTING + 1)), FileFormatError);
      assert.throws(() => decode(nested(100_000)), FileFormatError);
      // Part after part, each two levels around the one before.
      const chain = (parts: number) => {
        const wrapped = Array.from({ length: parts }, (_, i) => `]]h${latin1Char(i)}aaq${latin1Char(i + 1)}`);
        return `${head}](]q\0${wrapped.join('')}e.`;
      };
      assert.doesNotThrow(() => decode(chain(120)));
      assert.throws(() => decode(chain(130)), /nested deeper than 256 levels/);
    });

    it('a small file that would fill the memory', () => {
      const long = 'a'.repeat(100_000);
      const length = String.fromCharCode(long.length & 0xff, (long.length >> 8) & 0xff, long.length >> 16, 0);
      const calls = `h\0h\x01U\x06latin1\x86R`.repeat(10_000);
      const bytes = `${head}c_codecs\nencode\nq\0X${length}${long}q\x01](${calls}e.`;
      assert.throws(() => decode(bytes), /far more memory than the file is long/);
    });
  });

  it('follows shared parts once', () => {
    // Each list holds the one before twice: two to the power of 100 when followed blindly.
    const doubled = Array.from({ length: 100 }, (_, i) => `](h${latin1Char(i)}h${latin1Char(i)}eq${latin1Char(i + 1)}`);
    const value = decode(`${head}](]q\0${doubled.join('')}e.`);
    assert.ok(Array.isArray(value));
    assert.equal(value.length, 101);
  });

  it('of damaged bytes throws nothing but FileFormatError', () => {
    const whole = pythonPickles.flatMap(({ pickles }) =>
      Object.values(pickles).map((base64) => Buffer.from(base64, 'base64')),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...whole),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat()),
        (original, flips, cut) => {
          const bytes = Uint8Array.from(original);
          for (const [position, byte] of flips) bytes[position % bytes.length] = byte;
          try {
            decode(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
          } catch (error) {
            assert.ok(error instanceof FileFormatError, String(error));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('of a file cut off anywhere throws FileFormatError', () => {
    for (const { pickles } of pythonPickles) {
      for (const base64 of Object.values(pickles)) {
        const bytes = Buffer.from(base64, 'base64');
        for (let length = 0; length < bytes.length; length++) {
          assert.throws(() => decode(bytes.subarray(0, length)), FileFormatError);
        }
      }
    }
  });
});

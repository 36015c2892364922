/**
 * Writing of Python's pickle format, as `paddle.save` writes it.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { NdArray } from '../common/ndarray.js';
import { describeValue } from '../common/options.js';
import { ByteWriter, float64BE, int32LE, uint16LE, uint32LE, uint64LE } from './byte-writer.js';
import { typeCodes } from './numpy.js';
import { Op } from './opcodes.js';
import { MAX_NESTING, Tuple, type PickleValue } from './values.js';

/** Protocols that Paddle writes. */
export type PickleProtocol = 2 | 3 | 4;

/** Python's pickler hands over the items of a container in batches of this size. */
const BATCH = 1000;

/**
 * The bytes of a pickle, in parts: big arrays are views of the arrays themselves, nothing is put together in memory.
 *
 * Numbers without a fraction are written as int, all others as float. A value that is referred to twice is written once.
 *
 * @throws `InvalidArgumentError` for what plain data cannot hold
 */
export function encodePickle(value: PickleValue, protocol: PickleProtocol = 4): Uint8Array[] {
  return new Encoder(protocol).run(value);
}

class Encoder {
  readonly #protocol: PickleProtocol;
  readonly #writer: ByteWriter;
  /** Position in the pickle's memo of each text (by value) and object (by identity). */
  readonly #memo = new Map<unknown, number>();
  /** The same for what the encoder writes by itself. */
  readonly #ownMemo = new Map<string, number>();
  #memoSize = 0;

  constructor(protocol: PickleProtocol) {
    this.#protocol = protocol;
    this.#writer = new ByteWriter(protocol);
  }

  run(value: PickleValue): Uint8Array[] {
    this.#save(value, 0);
    this.#op(Op.STOP);
    return this.#writer.finish();
  }

  #save(value: PickleValue, depth: number): void {
    if (depth > MAX_NESTING) {
      throw new InvalidArgumentError(`obj is nested deeper than ${MAX_NESTING} levels or contains itself`);
    }
    if (value === null) this.#op(Op.NONE);
    else if (typeof value === 'boolean') this.#op(value ? Op.NEWTRUE : Op.NEWFALSE);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#integer(value);
    else if (typeof value === 'string') this.#text(value);
    else if (this.#get(this.#memo.get(value))) return;
    else if (value instanceof Uint8Array) this.#bytes(value, value);
    else if (value instanceof NdArray) this.#array(value);
    else if (value instanceof Tuple) this.#tuple(value, depth);
    else if (value instanceof Map) this.#dict(value, depth);
    else if (Array.isArray(value)) this.#list(value, depth);
    else throw new InvalidArgumentError(`a pickle cannot hold ${describeValue(value)}`);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#op(Op.BINFLOAT, float64BE(value));
    else this.#integer(value);
  }

  #integer(value: number | bigint): void {
    if (value >= 0 && value <= 0xff) this.#op(Op.BININT1, Uint8Array.of(Number(value)));
    else if (value >= 0 && value <= 0xffff) this.#op(Op.BININT2, uint16LE(Number(value)));
    else if (value >= -0x80000000 && value <= 0x7fffffff) this.#op(Op.BININT, int32LE(Number(value)));
    else {
      const integer = BigInt(value);
      let length = 1;
      while (BigInt.asIntN(8 * length, integer) !== integer) length++;
      if (length > 0xff) throw new InvalidArgumentError('obj holds an integer of more than 255 bytes');
      const bytes = Uint8Array.from({ length }, (_, index) => Number((integer >> BigInt(8 * index)) & 0xffn));
      this.#op(Op.LONG1, Uint8Array.of(length), bytes);
    }
  }

  #text(value: string): void {
    if (this.#get(this.#memo.get(value))) return;
    if (/\p{Surrogate}/u.test(value)) {
      throw new InvalidArgumentError(`the text ${describeValue(value.slice(0, 100))} has half of a surrogate pair`);
    }
    this.#utf8(Buffer.from(value));
    this.#memoize(value);
  }

  #utf8(bytes: Uint8Array): void {
    this.#sized(bytes, this.#protocol >= 4 ? Op.SHORT_BINUNICODE : undefined, Op.BINUNICODE, Op.BINUNICODE8);
  }

  /** Bytes behind an opcode that tells their length in one, four or eight bytes. */
  #sized(bytes: Uint8Array, short: number | undefined, medium: number, long: number): void {
    const { length } = bytes;
    if (length <= 0xff && short !== undefined) this.#op(short, Uint8Array.of(length), bytes);
    else if (length <= 0xffffffff) this.#op(medium, uint32LE(length), bytes);
    else if (this.#protocol >= 4) this.#op(long, uint64LE(length), bytes);
    else throw new InvalidArgumentError(`${length} bytes in one piece need protocol 4, got ${this.#protocol}`);
  }

  #bytes(bytes: Uint8Array, identity?: unknown): void {
    if (this.#protocol >= 3) {
      this.#sized(bytes, Op.SHORT_BINBYTES, Op.BINBYTES, Op.BINBYTES8);
      this.#memoize(identity);
      return;
    }
    // Protocol 2 knows no bytes: they travel as the text of the same latin-1 characters.
    if (bytes.length === 0) {
      this.#global('__builtin__', 'bytes');
      this.#op(Op.EMPTY_TUPLE);
    } else {
      this.#global('_codecs', 'encode');
      this.#utf8(latin1ToUtf8(bytes));
      this.#memoize();
      this.#text('latin1');
      this.#op(Op.TUPLE2);
      this.#memoize();
    }
    this.#op(Op.REDUCE);
    this.#memoize(identity);
  }

  #tuple(tuple: Tuple, depth: number): void {
    const { items } = tuple;
    this.#tupleOf(items.length, () => {
      for (const item of items) this.#save(item, depth + 1);
    });
    if (items.length > 0) this.#memoize(tuple);
  }

  #tupleOf(length: number, saveItems: () => void): void {
    if (length > 3) this.#op(Op.MARK);
    saveItems();
    this.#op([Op.EMPTY_TUPLE, Op.TUPLE1, Op.TUPLE2, Op.TUPLE3][length] ?? Op.TUPLE);
  }

  #list(list: readonly PickleValue[], depth: number): void {
    this.#op(Op.EMPTY_LIST);
    this.#memoize(list);
    const save = (item: PickleValue) => this.#save(item, depth + 1);
    this.#inBatches(list, save, Op.APPEND, Op.APPENDS);
  }

  #dict(dict: ReadonlyMap<unknown, PickleValue>, depth: number): void {
    this.#op(Op.EMPTY_DICT);
    this.#memoize(dict);
    const save = ([key, value]: readonly [unknown, PickleValue]) => {
      this.#save(key as PickleValue, depth + 1);
      this.#save(value, depth + 1);
    };
    this.#inBatches([...dict], save, Op.SETITEM, Op.SETITEMS);
  }

  #inBatches<Item>(items: readonly Item[], save: (item: Item) => void, single: number, several: number): void {
    for (let start = 0; start < items.length; start += BATCH) {
      const batch = items.slice(start, start + BATCH);
      if (batch.length > 1) this.#op(Op.MARK);
      batch.forEach(save);
      this.#op(batch.length > 1 ? several : single);
    }
  }

  /** As numpy's `ndarray.__reduce__`: an empty array, then its state. */
  #array(array: NdArray): void {
    const { data, shape } = array;
    // numpy 2 reads the module under numpy 1's name too, numpy 1 knows no other.
    this.#global('numpy.core.multiarray', '_reconstruct');
    this.#global('numpy', 'ndarray');
    this.#op(Op.BININT1, Uint8Array.of(0));
    this.#op(Op.TUPLE1);
    this.#memoize();
    this.#own('bytes b', () => this.#bytes(Uint8Array.of(0x62)));
    this.#op(Op.TUPLE3);
    this.#memoize();
    this.#op(Op.REDUCE);
    this.#memoize(array);

    this.#op(Op.MARK);
    this.#integer(1);
    this.#tupleOf(shape.length, () => shape.forEach((length) => this.#integer(length)));
    if (shape.length > 0) this.#memoize();
    this.#type(typeCodes[array.dtype]);
    this.#op(Op.NEWFALSE);
    this.#bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.#op(Op.TUPLE);
    this.#memoize();
    this.#op(Op.BUILD);
  }

  /** As numpy's `dtype.__reduce__`. */
  #type(code: string): void {
    const make = () => {
      this.#global('numpy', 'dtype');
      this.#text(code);
      this.#op(Op.NEWFALSE);
      this.#op(Op.NEWTRUE);
      this.#op(Op.TUPLE3);
      this.#memoize();
      this.#op(Op.REDUCE);
      this.#memoize();
    };
    const setState = () => {
      this.#op(Op.MARK);
      this.#integer(3);
      this.#text(code.endsWith('1') ? '|' : '<');
      for (let i = 0; i < 3; i++) this.#op(Op.NONE);
      this.#integer(-1);
      this.#integer(-1);
      this.#integer(0);
      this.#op(Op.TUPLE);
      this.#memoize();
      this.#op(Op.BUILD);
    };
    this.#own(`type ${code}`, make, setState);
  }

  #global(module: string, name: string): void {
    this.#own(`global ${module}.${name}`, () => {
      if (this.#protocol >= 4) {
        this.#text(module);
        this.#text(name);
        this.#op(Op.STACK_GLOBAL);
      } else {
        this.#op(Op.GLOBAL, Buffer.from(`${module}\n${name}\n`));
      }
      this.#memoize();
    });
  }

  /** Something that the encoder writes by itself, once; what `make` memoizes last is referred to afterwards. */
  #own(key: string, make: () => void, complete?: () => void): void {
    if (this.#get(this.#ownMemo.get(key))) return;
    make();
    this.#ownMemo.set(key, this.#memoSize - 1);
    complete?.();
  }

  /** Refers to a value that was written before; false when there is none. */
  #get(index: number | undefined): boolean {
    if (index === undefined) return false;
    if (index <= 0xff) this.#op(Op.BINGET, Uint8Array.of(index));
    else this.#op(Op.LONG_BINGET, uint32LE(index));
    return true;
  }

  /** Remembers the value just written, for others to refer to. */
  #memoize(identity?: unknown): void {
    const index = this.#memoSize++;
    if (identity !== undefined) this.#memo.set(identity, index);
    if (this.#protocol >= 4) this.#op(Op.MEMOIZE);
    else if (index <= 0xff) this.#op(Op.BINPUT, Uint8Array.of(index));
    else this.#op(Op.LONG_BINPUT, uint32LE(index));
  }

  #op(opcode: number, ...operands: Uint8Array[]): void {
    this.#writer.write(opcode, operands);
  }
}

/** UTF-8 of the text whose latin-1 characters are the given bytes; piece by piece, as strings have a greatest length. */
function latin1ToUtf8(bytes: Uint8Array): Uint8Array {
  const piece = 0x100000;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const pieces = Array.from({ length: Math.ceil(source.length / piece) }, (_, index) =>
    Buffer.from(source.toString('latin1', index * piece, (index + 1) * piece)),
  );
  return Buffer.concat(pieces);
}

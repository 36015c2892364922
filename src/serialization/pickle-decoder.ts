/**
 * Reading of Python's pickle format without executing anything.
 *
 * @module
 */
import { ByteReader } from './byte-reader.js';
import { plainInteger } from './numpy.js';
import { Op } from './opcodes.js';
import { decodeText, dictKey, PickleText, pythonObject, setState, type PythonObject } from './python-objects.js';
import { plainValue } from './plain-value.js';
import { Tuple, type PickleValue } from './values.js';

/** Options of {@link decodePickle}. */
export interface DecodeOptions {
  /** Name of the file, for error messages. */
  readonly path: string;
  /**
   * What Python 2's strings become: text of latin-1 characters, or bytes. As keys they are text either way.
   *
   * @defaultValue 'latin1'
   */
  readonly strings?: 'latin1' | 'bytes';
}

/** Longest integer that is read, in bytes or digits. */
const MAX_INTEGER = 1024;

/**
 * The value that a pickle of protocol 2 to 5 holds.
 *
 * Arrays and bytes are views of `bytes` where alignment allows. Python names other than those of plain data and numpy
 * arrays are refused.
 *
 * @throws `FileFormatError` when the bytes are damaged, cut off or name anything else
 */
export function decodePickle(bytes: Uint8Array, options: DecodeOptions): PickleValue {
  return new Decoder(bytes, options).run();
}

/** A stack machine, as the format asks for. */
class Decoder {
  readonly #reader: ByteReader;
  readonly #strings: 'latin1' | 'bytes';
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(bytes: Uint8Array, { path, strings = 'latin1' }: DecodeOptions) {
    this.#reader = new ByteReader(bytes, path);
    this.#strings = strings;
  }

  run(): PickleValue {
    const reader = this.#reader;
    if (reader.left < 2 || reader.uint8() !== Op.PROTO) reader.fail('is not a pickle of protocol 2 to 5', 0);
    const protocol = reader.uint8();
    if (protocol < 2 || protocol > 5) reader.fail(`is a pickle of protocol ${protocol}; 2 to 5 are read`, 1);
    while (this.#step(reader.uint8()));
    if (this.#stack.length !== 1) reader.fail(`ends with ${this.#stack.length} values instead of one`);
    if (reader.left > 0) reader.fail(`goes on for ${reader.left} bytes after its end`);
    return plainValue(reader, this.#pop());
  }

  /** Carries out one opcode; false at the end. */
  #step(opcode: number): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case Op.STOP:
        return false;
      case Op.FRAME:
        reader.length64();
        break;
      case Op.MARK:
        this.#marks.push(this.#stack.length);
        break;

      case Op.NONE:
        this.#push(null);
        break;
      case Op.NEWTRUE:
        this.#push(true);
        break;
      case Op.NEWFALSE:
        this.#push(false);
        break;
      case Op.BININT1:
        this.#push(reader.uint8());
        break;
      case Op.BININT2:
        this.#push(reader.uint16());
        break;
      case Op.BININT:
        this.#push(reader.int32());
        break;
      case Op.LONG1:
        this.#push(this.#long(reader.uint8()));
        break;
      case Op.LONG4:
        this.#push(this.#long(reader.uint32()));
        break;
      case Op.INT:
      case Op.LONG:
        this.#push(this.#digits(reader.line()));
        break;
      case Op.BINFLOAT:
        this.#push(reader.float64());
        break;

      case Op.SHORT_BINUNICODE:
        this.#push(new PickleText(reader.take(reader.uint8())));
        break;
      case Op.BINUNICODE:
        this.#push(new PickleText(reader.take(reader.uint32())));
        break;
      case Op.BINUNICODE8:
        this.#push(new PickleText(reader.take(reader.length64())));
        break;
      case Op.SHORT_BINSTRING:
        this.#push(this.#python2String(reader.take(reader.uint8())));
        break;
      case Op.BINSTRING:
        this.#push(this.#python2String(reader.take(reader.uint32())));
        break;
      case Op.SHORT_BINBYTES:
        this.#push(reader.take(reader.uint8()));
        break;
      case Op.BINBYTES:
        this.#push(reader.take(reader.uint32()));
        break;
      case Op.BINBYTES8:
      case Op.BYTEARRAY8:
        this.#push(reader.take(reader.length64()));
        break;

      case Op.EMPTY_TUPLE:
        this.#push(new Tuple([]));
        break;
      case Op.TUPLE1:
      case Op.TUPLE2:
      case Op.TUPLE3:
        this.#push(new Tuple(this.#popMany(opcode - Op.TUPLE1 + 1)));
        break;
      case Op.TUPLE:
        this.#push(new Tuple(this.#popMark()));
        break;
      case Op.EMPTY_LIST:
      case Op.EMPTY_SET:
        this.#push([]);
        break;
      case Op.FROZENSET:
        this.#push(this.#popMark());
        break;
      case Op.APPEND:
        this.#append(this.#popMany(1));
        break;
      case Op.APPENDS:
      case Op.ADDITEMS:
        this.#append(this.#popMark());
        break;
      case Op.EMPTY_DICT:
        this.#push(new Map());
        break;
      case Op.SETITEM:
        this.#setItems(this.#popMany(2));
        break;
      case Op.SETITEMS:
        this.#setItems(this.#popMark());
        break;

      case Op.GLOBAL:
        this.#push(this.#find(reader.line(), reader.line()));
        break;
      case Op.STACK_GLOBAL: {
        const [module, name] = this.#popMany(2);
        this.#push(this.#find(decodeText(reader, module), decodeText(reader, name)));
        break;
      }
      case Op.REDUCE:
        this.#reduce();
        break;
      case Op.BUILD: {
        const state = this.#pop();
        setState(reader, this.#top(), state);
        break;
      }

      case Op.MEMOIZE:
        this.#memo.set(this.#memo.size, this.#top());
        break;
      case Op.BINPUT:
        this.#memo.set(reader.uint8(), this.#top());
        break;
      case Op.LONG_BINPUT:
        this.#memo.set(reader.uint32(), this.#top());
        break;
      case Op.BINGET:
        this.#get(reader.uint8());
        break;
      case Op.LONG_BINGET:
        this.#get(reader.uint32());
        break;

      default:
        reader.fail(`opcode 0x${opcode.toString(16)} does not occur in plain data`, reader.offset - 1);
    }
    return true;
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  /** The newest value above the innermost mark. */
  #top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.#reader.fail('an operation lacks its operand');
    return this.#stack.at(-1);
  }

  #pop(): unknown {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMany(count: number): unknown[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) this.#reader.fail('an operation lacks an operand');
    return this.#stack.splice(this.#stack.length - count);
  }

  #popMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) return this.#reader.fail('an operation lacks its mark');
    return this.#stack.splice(mark);
  }

  #get(index: number): void {
    if (!this.#memo.has(index)) this.#reader.fail(`refers to value ${index}, which is not there`);
    this.#push(this.#memo.get(index));
  }

  #append(items: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) return this.#reader.fail('appends to something else than a list');
    for (const item of items) list.push(item);
  }

  #setItems(items: readonly unknown[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) return this.#reader.fail('a dict is damaged');
    for (let i = 0; i < items.length; i += 2) dict.set(dictKey(this.#reader, items[i]), items[i + 1]);
  }

  #python2String(bytes: Uint8Array): unknown {
    if (this.#strings === 'bytes') return bytes;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }

  /** An integer in two's complement, little end first. */
  #long(length: number): number | bigint {
    if (length > MAX_INTEGER) this.#reader.fail(`an integer of ${length} bytes is not supported`);
    const bytes = this.#reader.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
    return plainInteger(BigInt.asIntN(8 * length, value));
  }

  /** An integer in digits, as Python 2 writes those beyond 32 bits; `00` and `01` are booleans. */
  #digits(line: string): number | bigint | boolean {
    if (line === '00' || line === '01') return line === '01';
    const digits = /^([+-]?\d+)L?$/.exec(line)?.[1];
    if (digits === undefined) return this.#reader.fail('an integer has a character that is no digit');
    return plainInteger(BigInt(digits));
  }

  #find(module: string, name: string): PythonObject {
    const object = pythonObject(module, name);
    if (object) return object;
    const shown = JSON.stringify(`${module}.${name}`.slice(0, 200));
    return this.#reader.fail(`refuses to load the Python object ${shown}; only plain data and numpy arrays are read`);
  }

  #reduce(): void {
    const [object, args] = this.#popMany(2);
    const called = object as Partial<PythonObject> | null | undefined;
    if (!(args instanceof Tuple) || typeof called?.call !== 'function') {
      return this.#reader.fail('calls something that is no function of the format');
    }
    this.#push(called.call(this.#reader, args.items));
  }
}

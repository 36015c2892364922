/**
 * Bounds-checked reading of a file's bytes.
 *
 * @module
 */
import { FileFormatError } from '../common/errors.js';

/** Longest text line that is read. */
const MAX_LINE = 1024;

/** Reads a file's bytes from front to back; everything outside them is a `FileFormatError`. */
export class ByteReader {
  /** Where the next read starts. */
  offset = 0;
  readonly bytes: Uint8Array;
  readonly path: string;
  readonly #view: DataView;
  #allowance: number;

  constructor(bytes: Uint8Array, path: string) {
    // A Buffer's parts would be Buffers; what is read is plain.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.path = path;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Half-precision arrays double in size, text that holds bytes halves; no honest file makes more than this.
    this.#allowance = 4 * bytes.length + 0x100000;
  }

  /** Number of bytes not yet read. */
  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** Throws a `FileFormatError` with the path and the byte offset. */
  fail(problem: string, offset = this.offset): never {
    throw new FileFormatError(this.path, `${this.path}: ${problem} (at byte ${offset} of ${this.bytes.length})`);
  }

  /**
   * Accounts for memory that is made out of the file's bytes: a few bytes that refer again and again to one long text
   * must not fill the memory.
   */
  allow(bytes: number): void {
    this.#allowance -= bytes;
    if (this.#allowance < 0) this.fail('its content takes far more memory than the file is long');
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** A length of 64 bits that fits into what is left of the file. */
  length64(): number {
    const length = this.#view.getBigUint64(this.#advance(8), true);
    if (length > BigInt(this.left)) this.fail(`needs ${length} bytes, has ${this.left}`);
    return Number(length);
  }

  /** A double, big end first. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** The next bytes, as a view. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** The characters up to the next line feed. */
  line(): string {
    const end = this.bytes.subarray(this.offset, this.offset + MAX_LINE).indexOf(0x0a);
    if (end < 0) this.fail('a line does not end');
    const text = Buffer.from(this.take(end)).toString('latin1');
    this.offset++;
    return text;
  }

  #advance(length: number): number {
    if (length > this.left) this.fail(`needs ${length} bytes, has ${this.left}`);
    const start = this.offset;
    this.offset += length;
    return start;
  }
}

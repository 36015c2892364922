/**
 * Collecting a file's bytes in parts.
 *
 * @module
 */
import { Op } from './opcodes.js';

/** Room of a part that collects small pieces; longer pieces become parts of their own. */
const PART = 0x10000;

/** Collects opcodes with their operands; under protocol 4 in frames, as Python does. */
export class ByteWriter {
  readonly #parts: Uint8Array[];
  readonly #framed: boolean;
  #part = new Uint8Array(PART);
  #length = 0;

  constructor(protocol: number) {
    this.#parts = [Uint8Array.of(Op.PROTO, protocol)];
    this.#framed = protocol >= 4;
  }

  /** Adds an opcode. A long operand is not copied: it must stay as it is until the parts have been written. */
  write(opcode: number, operands: readonly Uint8Array[]): void {
    const length = operands.reduce((sum, operand) => sum + operand.length, 1);
    if (this.#length + length > PART) this.#endPart();
    if (length > PART) {
      // An opcode and its operands belong into one frame or outside of all.
      this.#parts.push(Uint8Array.of(opcode), ...operands);
      return;
    }
    this.#part[this.#length++] = opcode;
    for (const operand of operands) {
      this.#part.set(operand, this.#length);
      this.#length += operand.length;
    }
  }

  /** All parts in order. */
  finish(): Uint8Array[] {
    this.#endPart();
    return this.#parts;
  }

  #endPart(): void {
    if (this.#length === 0) return;
    if (this.#framed) this.#parts.push(Uint8Array.of(Op.FRAME), uint64LE(this.#length));
    this.#parts.push(this.#part.slice(0, this.#length));
    this.#length = 0;
  }
}

export function uint16LE(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

export function uint32LE(value: number): Uint8Array {
  return int32LE(value | 0);
}

export function int32LE(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);
}

export function uint64LE(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function float64BE(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

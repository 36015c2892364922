/**
 * Fields of Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding), as far as logs need them.
 *
 * @module
 */

const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** An unsigned integer, seven bits a byte, lowest first. */
function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function field(number: number, type: keyof typeof wireTypes, content: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | wireTypes[type])), content]);
}

/** An `int64` or an enum. */
export function intField(number: number, value: number): Buffer {
  return field(number, 'varint', varint(BigInt(value)));
}

/** A `float`. */
export function floatField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return field(number, 'fixed32', bytes);
}

/** A `double`. */
export function doubleField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return field(number, 'fixed64', bytes);
}

/** A `string`. */
export function stringField(number: number, value: string): Buffer {
  return messageField(number, Buffer.from(value));
}

/** A message, made of its fields. */
export function messageField(number: number, ...fields: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(fields);
  return field(number, 'bytes', Buffer.concat([varint(BigInt(content.length)), content]));
}

import { deflateSync } from 'node:zlib';

/** How a MATLAB file is written. */
export interface MatStyle {
  readonly little?: boolean;
  readonly compressed?: boolean;
}

/** Numbers of a variable, in MATLAB's order (the first axis varies fastest), stored as 16-bit integers or doubles. */
export interface MatVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly type: 'uint16' | 'double';
}

/** A MATLAB 5 file. */
export function mat(variables: readonly MatVariable[], { little = true, compressed = false }: MatStyle = {}): Buffer {
  const word = (value: number) => {
    const bytes = Buffer.alloc(4);
    if (little) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  };
  const element = (type: number, data: Buffer) => {
    if (data.length > 0 && data.length <= 4) {
      return Buffer.concat([word((data.length << 16) | type), data, Buffer.alloc(4 - data.length)]);
    }
    return Buffer.concat([word(type), word(data.length), data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
  };
  const numbers = (values: readonly number[], type: MatVariable['type']) => {
    const width = type === 'double' ? 8 : 2;
    const data = Buffer.alloc(values.length * width);
    values.forEach((value, i) => {
      if (type === 'double') data[little ? 'writeDoubleLE' : 'writeDoubleBE'](value, 8 * i);
      else data[little ? 'writeUInt16LE' : 'writeUInt16BE'](value, 2 * i);
    });
    return element(type === 'double' ? 9 : 4, data);
  };
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file');
  header.set(little ? [0, 1, 0x49, 0x4d] : [1, 0, 0x4d, 0x49], 124);
  const parts = variables.map(({ name, shape, values, type }) => {
    const array = element(
      14,
      Buffer.concat([
        element(6, Buffer.concat([word(type === 'double' ? 6 : 11), word(0)])),
        element(5, Buffer.concat(shape.map(word))),
        element(1, Buffer.from(name)),
        numbers(values, type),
      ]),
    );
    if (!compressed) return array;
    const data = deflateSync(array);
    // Compressed elements are not padded.
    return Buffer.concat([word(15), word(data.length), data]);
  });
  return Buffer.concat([header, ...parts]);
}

/** A row of integers. */
export const matRow = (name: string, values: readonly number[]): MatVariable => ({
  name,
  shape: [1, values.length],
  values,
  type: 'uint16',
});

import { gzipSync } from 'node:zlib';

/** A member of an archive; `type` is that of the tar format. */
export interface Member {
  readonly name: string;
  readonly data: Uint8Array;
  readonly type?: string;
}

/** A tar archive. */
export function tar(members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ name, data, type = '0' }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100, 'latin1');
    header.write('0000644\0', 100);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const text = (value: string | Uint8Array) => {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([
    bytes.length < 256 ? Buffer.of(0x55, bytes.length) : Buffer.concat([Buffer.of(0x54), length]),
    bytes,
  ]);
};
const raw = (value: string) => Buffer.from(value, 'latin1');
const int = (value: number) => Buffer.of(0x4d, value & 255, value >> 8);

/** A batch of CIFAR as Python 2 has pickled it: texts as byte strings, an array [N, 3072] of bytes and a list. */
export function cifarPickle(images: readonly Uint8Array[], key: string, labels: readonly number[]): Buffer {
  return Buffer.concat([
    raw('\x80\x02}('),
    text('data'),
    raw('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85'),
    text('b'),
    raw('\x87R(K\x01'),
    int(images.length),
    int(images[0]?.length ?? 0),
    raw('\x86cnumpy\ndtype\n'),
    text('u1'),
    raw('K\x00K\x01\x87R(K\x03'),
    text('|'),
    raw('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89'),
    text(Buffer.concat(images)),
    raw('tb'),
    text(key),
    raw(']('),
    ...labels.map((label) => Buffer.of(0x4b, label)),
    raw('e'),
    text('batch_label'),
    text('training batch 1 of 5'),
    raw('u.'),
  ]);
}

/** A gzip-compressed tar archive. */
export const tarGz = (members: readonly Member[]) => gzipSync(tar(members));

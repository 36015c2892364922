/**
 * Reading of tar archives (POSIX.1-2001 ustar and pax, and GNU's long names).
 *
 * @module
 */
import { gunzipSync } from 'node:zlib';
import { FileFormatError } from '../../common/errors.js';

/** A file of an archive. */
export interface TarFile {
  /** Path within the archive. */
  readonly name: string;
  /** Content; a view of the archive's bytes. */
  readonly data: Uint8Array;
}

const BLOCK = 512;

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** A text that ends with a zero byte or the field. */
function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return latin1(end < 0 ? field : field.subarray(0, end));
}

/** The path in the records `LENGTH KEY=VALUE` of a pax header. */
function paxPath(data: Uint8Array): string | undefined {
  const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString('utf8');
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1];
}

/**
 * The regular files of an archive, in its order.
 *
 * @param path - the archive's path, for errors
 * @throws `FileFormatError` when the archive is damaged
 */
export function* readTar(bytes: Uint8Array, path: string): Generator<TarFile> {
  let longName: string | undefined;
  for (let offset = 0; offset + BLOCK <= bytes.length;) {
    const header = bytes.subarray(offset, offset + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const digits = textOf(header.subarray(124, 136)).trim();
    const checksum = textOf(header.subarray(148, 156)).trim();
    // The checksum is the sum of the header's bytes, its own field taken as spaces.
    const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
    if (!/^[0-7]+$/.test(digits) || parseInt(checksum, 8) !== sum) {
      throw new FileFormatError(
        path,
        `${path} is no tar archive, or a damaged one: the header at byte ${offset} is wrong`,
      );
    }
    const size = parseInt(digits, 8);
    const start = offset + BLOCK;
    if (start + size > bytes.length)
      throw new FileFormatError(path, `${path} is cut off: an archive member is not whole`);
    const data = bytes.subarray(start, start + size);
    const type = String.fromCharCode(header[156] ?? 0);
    const ustar = textOf(header.subarray(257, 262)) === 'ustar';
    const prefix = ustar && header[262] === 0 ? textOf(header.subarray(345, 500)) : '';
    const name = longName ?? (prefix ? `${prefix}/` : '') + textOf(header.subarray(0, 100));
    if (type === 'L') longName = textOf(data);
    else if (type === 'x') longName = paxPath(data) ?? longName;
    else if (type !== 'g') {
      if (type === '0' || type === '\0') yield { name, data };
      longName = undefined;
    }
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/**
 * The regular files of a gzip-compressed archive.
 *
 * @param path - the archive's path, for errors
 */
export function* readTarGz(bytes: Uint8Array, path: string): Generator<TarFile> {
  let archive: Uint8Array;
  try {
    archive = gunzipSync(bytes);
  } catch (error) {
    throw new FileFormatError(path, `${path} is damaged: ${(error as Error).message}`, { cause: error });
  }
  yield* readTar(archive, path);
}

/**
 * The files of CIFAR-10 and CIFAR-100: Paddle's archives of Python pickles, and CIFAR-10 as sheets of an npm package.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FileFormatError, FileNotFoundError } from '../../common/errors.js';
import { NdArray } from '../../common/ndarray.js';
import { describeValue } from '../../common/options.js';
import { decodePickle } from '../../serialization/pickle-decoder.js';
import type { PickleValue } from '../../serialization/values.js';
import { decodeImage } from '../image-files/decode.js';
import { readTarGz, type TarFile } from './tar.js';

/** Pixels of a side. */
export const SIDE = 32;

/** Bytes of an image. */
export const IMAGE_BYTES = 3 * SIDE * SIDE;

/** Images and labels. */
export interface LabelledImages {
  /** [count, 32, 32, 3], in memory that threads share. */
  readonly images: NdArray<'uint8'>;
  /** [count]. */
  readonly labels: NdArray<'uint8'>;
}

/** Bytes in memory that threads share. */
function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** Which members of an archive hold a part of a data set. */
export interface ArchivePart {
  /** Text in the names of the members. */
  readonly member: string;
  /** Key of the labels in the pickles. */
  readonly labels: 'labels' | 'fine_labels';
}

/** The images and labels of one pickle. */
function batchOf({ name, data }: TarFile, { labels: key }: ArchivePart, archive: string) {
  const fail = (why: string): never => {
    throw new FileFormatError(archive, `${archive} is no archive of CIFAR: ${name} ${why}`);
  };
  const value = decodePickle(data, { path: `${archive}, member ${name}` });
  if (!(value instanceof Map)) return fail('holds no dict');
  const dict: ReadonlyMap<unknown, PickleValue> = value;
  const images = dict.get('data');
  const labels = dict.get(key);
  if (!(images instanceof NdArray) || images.dtype !== 'uint8' || images.shape[1] !== IMAGE_BYTES) {
    return fail(`has no 'data' of uint8 [N, ${IMAGE_BYTES}]`);
  }
  if (!Array.isArray(labels) || labels.length !== images.shape[0]) {
    return fail(`has no '${key}' for each of ${images.shape[0]} images`);
  }
  const wrong: unknown = labels.find(
    (label: unknown) => typeof label !== 'number' || !Number.isInteger(label) || label < 0 || label > 255,
  );
  if (wrong !== undefined) return fail(`has the label ${describeValue(wrong)}`);
  return { planes: images.data as Uint8Array, labels: labels as number[] };
}

/** Images of planes, red first, become images of pixels. */
function interleave(planes: Uint8Array, target: Uint8Array, offset: number): void {
  const plane = SIDE * SIDE;
  for (let start = 0; start < planes.length; start += IMAGE_BYTES) {
    for (let pixel = 0; pixel < plane; pixel++) {
      const place = offset + start + 3 * pixel;
      target[place] = planes[start + pixel] ?? 0;
      target[place + 1] = planes[start + plane + pixel] ?? 0;
      target[place + 2] = planes[start + 2 * plane + pixel] ?? 0;
    }
  }
}

/**
 * A part of a data set from Paddle's archive; members are taken in the order of their names.
 *
 * @throws `FileFormatError` when the archive is damaged or has no such members
 */
export async function readArchive(archive: string, part: ArchivePart): Promise<LabelledImages> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(archive);
  } catch (error) {
    throw new FileNotFoundError(archive, `${archive} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const members = [...readTarGz(bytes, archive)]
    .filter(({ name }) => name.includes(part.member))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (members.length === 0) {
    throw new FileFormatError(archive, `${archive} has no member named ${part.member}`);
  }
  const batches = members.map((member) => batchOf(member, part, archive));
  const count = batches.reduce((sum, { labels }) => sum + labels.length, 0);
  const images = sharedBytes(count * IMAGE_BYTES);
  const labels = sharedBytes(count);
  let done = 0;
  for (const batch of batches) {
    interleave(batch.planes, images, done * IMAGE_BYTES);
    labels.set(batch.labels, done);
    done += batch.labels.length;
  }
  return { images: new NdArray(images, [count, SIDE, SIDE, 3]), labels: new NdArray(labels, [count]) };
}

/** A file of the npm package. */
interface Sheet {
  /** Path in the package. */
  readonly name: string;
  /** First digits of its SHA-256. */
  readonly sha256: string;
}

/** The sheets of a part of CIFAR-10, one image of 32 x 32 pixels a row, and the list of its labels. */
export interface Sheets {
  readonly images: readonly Sheet[];
  readonly labels: Sheet;
}

/** The content of a file, checked. */
async function checkedContent(sheet: Sheet, read: (name: string) => Promise<Uint8Array>): Promise<Uint8Array> {
  const content = await read(sheet.name);
  const digest = createHash('sha256').update(content).digest('hex');
  if (digest.startsWith(sheet.sha256)) return content;
  throw new FileFormatError(sheet.name, `${sheet.name} has the SHA-256 ${digest}, not ${sheet.sha256}...`);
}

/**
 * A part of CIFAR-10 from sheets.
 *
 * @param read - gives the content of a file by its path in the package
 * @throws `FileFormatError` when a file is another one
 */
export async function readSheets(sheets: Sheets, read: (name: string) => Promise<Uint8Array>): Promise<LabelledImages> {
  const list: unknown = JSON.parse(Buffer.from(await checkedContent(sheets.labels, read)).toString());
  const labels = Array.isArray(list) ? (list as number[]) : [];
  const images = sharedBytes(labels.length * IMAGE_BYTES);
  let done = 0;
  for (const sheet of sheets.images) {
    const content = await checkedContent(sheet, read);
    const { data, width } = await decodeImage(content, { path: sheet.name, rgb: true, like: 'pillow' });
    if (width !== SIDE * SIDE || done + data.length > images.length) {
      throw new FileFormatError(
        sheet.name,
        `${sheet.name} does not fit to ${labels.length} images of ${SIDE} x ${SIDE}`,
      );
    }
    images.set(data, done);
    done += data.length;
  }
  if (done !== images.length) {
    throw new FileFormatError(
      sheets.labels.name,
      `${sheets.labels.name} has ${labels.length} labels, not one an image`,
    );
  }
  const bytes = sharedBytes(labels.length);
  bytes.set(labels);
  return { images: new NdArray(images, [labels.length, SIDE, SIDE, 3]), labels: new NdArray(bytes, [labels.length]) };
}

/** Path of the decoded images and of their labels in a folder. */
export function decodedPaths(folder: string, mode: string): { readonly images: string; readonly labels: string } {
  const file = (what: string) => path.join(folder, `cifar-10-${mode}-${what}-ubyte`);
  return { images: file('images-idx4'), labels: file('labels-idx1') };
}

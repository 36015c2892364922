import { writeFile } from 'node:fs/promises';
import { tar, type Member } from './archives.js';
import { jpeg } from './flowers-files.js';
import { palettePng } from './palette-png.js';

const root = 'VOCdevkit/VOC2012';

/** Indices of a sample's mask of 8 by 6 pixels. */
export const maskIndices = (sample: number) =>
  Array.from({ length: 48 }, (_, i) => (i === 5 ? 255 : (sample + i) % 21));

/** Members of an archive of VOC 2012; image i has 8 by 6 pixels of the red 20 i. */
export async function vocMembers(lists: Readonly<Record<string, readonly number[]>>): Promise<Member[]> {
  const samples = [...new Set(Object.values(lists).flat())];
  const files = await Promise.all(
    samples.map(async (sample) => [
      { name: `${root}/JPEGImages/2007_${sample}.jpg`, data: await jpeg(8, 6, [20 * sample, 0, 0]) },
      {
        name: `${root}/SegmentationClass/2007_${sample}.png`,
        data: palettePng({ width: 8, height: 6, indices: maskIndices(sample) }),
      },
    ]),
  );
  const sets = Object.entries(lists).map(([name, numbers]) => ({
    name: `${root}/ImageSets/Segmentation/${name}.txt`,
    data: Buffer.from(numbers.map((number) => `2007_${number}\r\n`).join('')),
  }));
  return [{ name: `${root}/`, data: new Uint8Array(), type: '5' }, ...files.flat(), ...sets];
}

/** Writes an archive of VOC 2012. */
export async function writeVoc(file: string, lists: Readonly<Record<string, readonly number[]>>): Promise<string> {
  await writeFile(file, tar(await vocMembers(lists)));
  return file;
}

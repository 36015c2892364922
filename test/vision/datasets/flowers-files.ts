import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { tarGz } from './archives.js';
import { mat, matRow } from './mat-bytes.js';

/** A JPEG file of one colour, in best quality. */
export function jpeg(width: number, height: number, colour: readonly [number, number, number]): Promise<Buffer> {
  const [r, g, b] = colour;
  const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
  return image.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
}

/** Images 1 to `count` of Flowers, of 8 + number by 6 pixels, in the grey 8 x number and with the label 100 - number. */
export async function writeFlowers(folder: string, count: number, sets: Readonly<Record<string, readonly number[]>>) {
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const images = await Promise.all(
    numbers.map(async (number) => ({
      name: `jpg/image_${String(number).padStart(5, '0')}.jpg`,
      data: await jpeg(8 + number, 6, [8 * number, 8 * number, 8 * number]),
    })),
  );
  const files = {
    dataFile: path.join(folder, '102flowers.tgz'),
    labelFile: path.join(folder, 'imagelabels.mat'),
    setidFile: path.join(folder, 'setid.mat'),
  };
  await writeFile(files.dataFile, tarGz([{ name: 'jpg/', data: new Uint8Array(), type: '5' }, ...images]));
  await writeFile(
    files.labelFile,
    mat([
      matRow(
        'labels',
        numbers.map((number) => 100 - number),
      ),
    ]),
  );
  const rows = Object.entries(sets).map(([name, values]) => matRow(name, values));
  await writeFile(files.setidFile, mat(rows, { compressed: true }));
  return files;
}

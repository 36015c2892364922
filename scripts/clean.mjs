// Removes from dist/ what the compiler once made of sources that are gone.
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

for (const entry of existsSync(dist) ? await readdir(dist, { recursive: true, withFileTypes: true }) : []) {
  const file = path.join(entry.parentPath ?? entry.path, entry.name);
  const source = path.relative(dist, file).replace(/\.(js|js\.map|d\.ts)$/, '.ts');
  if (entry.isFile() && !existsSync(path.join(root, 'src', source))) await rm(file);
}

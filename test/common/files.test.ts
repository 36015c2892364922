import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeFileAtomic } from '../../src/common/files.js';

describe('writeFileAtomic', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('creates folders and joins parts', async () => {
    const file = path.join(folder, 'a/b/file');
    await writeFileAtomic(file, [Buffer.from('one '), Buffer.from('two')]);
    assert.equal(await readFile(file, 'utf8'), 'one two');
    assert.deepEqual(await readdir(path.dirname(file)), ['file']);
  });

  it('replaces a file', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, 'a longer old text');
    await writeFileAtomic(file, Buffer.from('new'));
    assert.equal(await readFile(file, 'utf8'), 'new');
  });

  it('leaves the old file and no other when writing fails', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, 'old');
    const broken = ['not bytes'] as unknown as Uint8Array[];
    broken.push({} as Uint8Array);
    await assert.rejects(writeFileAtomic(file, broken));
    assert.equal(await readFile(file, 'utf8'), 'old');
    assert.deepEqual(await readdir(folder), ['file']);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { FileFormatError } from '../../../src/common/errors.js';
import { indexTar, readRanges, readTar, readTarGz, unpackTarGz } from '../../../src/vision/datasets/tar.js';
import { tar } from './archives.js';

describe('readTar', () => {
  it('reads what was written', () => {
    const name = fc.stringMatching(/^[a-z]{1,20}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.uint8Array({ maxLength: 1200 })), { maxLength: 4 }), (entries) => {
        const files = entries.map(([file, data]) => ({ name: file, data }));
        const read = Array.from(readTar(tar(files), 'x.tar'), ({ name: file, data }) => [file, Array.from(data)]);
        assert.deepEqual(
          read,
          entries.map(([file, data]) => [file, Array.from(data)]),
        );
        assert.equal([...readTarGz(gzipSync(tar(files)), 'x.tgz')].length, entries.length);
      }),
      { numRuns: 30 },
    );
  });

  it('never fails with anything but a FileFormatError', () => {
    const whole = tar([{ name: 'a', data: new Uint8Array(700).fill(7) }]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
        const damaged = Uint8Array.from(whole).subarray(0, end);
        if (at < end) damaged[at] = byte;
        try {
          for (const file of readTar(damaged, 'x')) assert.ok(file.data.length <= whole.length);
        } catch (error) {
          assert.ok(error instanceof FileFormatError, String(error));
        }
      }),
    );
  });

  it('takes long names of GNU and of pax', () => {
    const long = `${'folder/'.repeat(20)}file`;
    const record = ` path=${long}\n`;
    const length = record.length + 3;
    const data = Uint8Array.of(1);
    const gnu = tar([
      { name: '././@LongLink', data: Buffer.from(`${long}\0`), type: 'L' },
      { name: 'cut', data },
      { name: 'next', data },
    ]);
    const pax = tar([
      { name: 'PaxHeader', data: Buffer.from(`${length}${record}`), type: 'x' },
      { name: 'cut', data },
      { name: 'next', data },
    ]);
    for (const archive of [gnu, pax]) {
      assert.deepEqual(
        Array.from(readTar(archive, 'x'), ({ name }) => name),
        [long, 'next'],
      );
    }
  });

  it('leaves folders and links out', () => {
    const data = new Uint8Array();
    const archive = tar([
      { name: 'folder/', data, type: '5' },
      { name: 'link', data, type: '2' },
      { name: 'file', data },
    ]);
    assert.deepEqual(
      Array.from(readTar(archive, 'x'), ({ name }) => name),
      ['file'],
    );
  });

  it('names the archive that is damaged', () => {
    const archive = tar([{ name: 'a', data: Uint8Array.of(1, 2, 3) }]);
    archive[0] = 0x62;
    assert.throws(() => [...readTar(archive, 'p/x.tar')], {
      code: 'FILE_FORMAT',
      path: 'p/x.tar',
      message: /header at byte 0/,
    });
    assert.throws(
      () => [...readTar(tar([{ name: 'a', data: new Uint8Array(600) }]).subarray(0, 1000), 'x')],
      /cut off/,
    );
    assert.throws(() => [...readTarGz(Uint8Array.of(1, 2, 3), 'x.tgz')], {
      code: 'FILE_FORMAT',
      message: /x\.tgz is damaged/,
    });
  });
});

describe('archives in files', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const long = `${'folder/'.repeat(20)}file`;
  const members = fc.uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z]{1,20}$/),
      data: fc.uint8Array({ maxLength: 1200 }),
      type: fc.constantFrom('0', '5', '2'),
    }),
    { maxLength: 5, selector: ({ name }) => name },
  );

  it('give the same as in memory, by an index and from a stream', async () => {
    await fc.assert(
      fc.asyncProperty(members, async (entries) => {
        const archive = tar([
          ...entries,
          { name: '././@LongLink', data: Buffer.from(`${long}\0`), type: 'L' },
          { name: 'cut', data: Uint8Array.of(1) },
        ]);
        const expected = Array.from(readTar(archive, 'x'), ({ name, data }) => [name, Buffer.from(data)]);
        assert.equal(expected.at(-1)?.[0], long);

        const file = path.join(folder, 'x.tar');
        await writeFile(file, archive);
        const index = await indexTar(file);
        const parts = await readRanges(file, [...index.values()]);
        assert.deepEqual(
          [...index.keys()].map((name, i) => [name, Buffer.from(parts[i]!)]),
          expected,
        );

        const packed = path.join(folder, 'x.tgz');
        await writeFile(packed, gzipSync(archive));
        const streamed: unknown[] = [];
        await unpackTarGz(packed, ({ name, data }) => {
          streamed.push([name, Buffer.from(data)]);
          return Promise.resolve();
        });
        assert.deepEqual(streamed, expected);
      }),
      { numRuns: 25 },
    );
  });

  it('never fail with anything but a FileFormatError', async () => {
    const whole = tar([{ name: 'a', data: new Uint8Array(700).fill(7) }]);
    const file = path.join(folder, 'x.tar');
    await fc.assert(
      fc.asyncProperty(fc.nat(700), fc.nat(255), fc.nat(whole.length), async (at, byte, end) => {
        const damaged = Uint8Array.from(whole).subarray(0, end);
        if (at < end) damaged[at] = byte;
        for (const [bytes, read] of [
          [damaged, () => indexTar(file)],
          [gzipSync(damaged), () => unpackTarGz(file, () => Promise.resolve())],
          [gzipSync(whole).subarray(0, end), () => unpackTarGz(file, () => Promise.resolve())],
        ] as const) {
          await writeFile(file, bytes);
          await (read() as Promise<unknown>).catch((error: unknown) => {
            assert.ok(error instanceof FileFormatError, String(error));
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('hand on an error of who takes the files', async () => {
    const file = path.join(folder, 'x.tgz');
    await writeFile(file, gzipSync(tar([{ name: 'a', data: Uint8Array.of(1) }])));
    await assert.rejects(
      unpackTarGz(file, () => Promise.reject(new Error('the disk is full'))),
      /^Error: the disk is full$/,
    );
  });
});

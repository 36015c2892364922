import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { FileFormatError } from '../../../src/common/errors.js';
import { readTar, readTarGz } from '../../../src/vision/datasets/tar.js';
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

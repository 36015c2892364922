import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeviceError } from '../../src/common/errors.js';
import { expectedSources, packagedAddon, stampText } from '../../src/engine/addon-file.js';
import { probe } from '../../src/engine/addon-probe.js';
import { isNativeFresh } from '../../src/engine/build-native.js';
import { withEnvironment } from '../support/environment.js';
import { runScript } from '../support/spawn.js';

const stamp = (sources: string) => stampText({ sources, flags: '0123456789abcdef' });

/** A shared library of this process that is no addon. */
function foreignLibrary(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return /\/\S+\.so\S*/.exec(readFileSync('/proc/self/maps', 'utf8'))?.[0];
}

describe('a native build is tried before it is loaded', function () {
  this.timeout(60_000);
  let folder: string;
  let home: string;
  const { execPath } = process;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
    home = path.join(folder, 'home');
  });
  afterEach(() => {
    process.execPath = execPath;
    rmSync(folder, { recursive: true });
  });

  const marks = () => {
    const cache = path.join(home, '.cache', 'paddlewheel');
    return existsSync(cache) ? readdirSync(cache) : [];
  };
  const fileOf = (content: string | Buffer) => {
    const file = path.join(folder, 'paddlewheel.node');
    writeFileSync(file, content);
    return file;
  };
  const tryOut = (file: string, environment = {}) => withEnvironment({ HOME: home, ...environment }, () => probe(file));
  const assertRefused = (file: string, reason: RegExp, environment = {}) => {
    assert.throws(
      () => tryOut(file, environment),
      (error) => {
        assert.ok(error instanceof DeviceError);
        assert.ok(error.message.startsWith(`the native build ${file} cannot be used: `), error.message);
        assert.match(error.message, reason);
        return true;
      },
    );
    assert.deepEqual(marks(), []);
  };
  /** Has a shell script in the place of Node. */
  const replaceNode = (script: string) => {
    process.execPath = path.join(folder, 'node');
    writeFileSync(process.execPath, `#!/bin/sh\n${script}\n`);
    chmodSync(process.execPath, 0o755);
  };

  it('refuses a file of random bytes', () => {
    assertRefused(fileOf(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31) % 251))), /no native build/);
  });

  it('refuses an empty file and a folder', () => {
    assertRefused(fileOf(''), /no native build/);
    assertRefused(folder, /EISDIR/);
  });

  it('refuses the build of other sources', () => {
    assertRefused(fileOf(stamp('00000000ffffffff')), /made of other sources .* run npx paddlewheel build/);
  });

  it('refuses another library, which it does not run', function () {
    const library = foreignLibrary();
    if (library === undefined) return this.skip();
    assertRefused(fileOf(readFileSync(library)), /no native build/);
  });

  it('refuses what cannot be loaded, with the reason', function () {
    assertRefused(fileOf(stamp(expectedSources())), /paddlewheel\.node: /);
    const library = foreignLibrary();
    if (library === undefined) return this.skip();
    const stamped = Buffer.concat([readFileSync(library), Buffer.from(stamp(expectedSources()))]);
    assertRefused(fileOf(stamped), /did not self-register|it ends the process/);
  });

  it('refuses what ends the process', () => {
    replaceNode('kill -SEGV $$');
    assertRefused(fileOf(stamp(expectedSources())), /it ends the process with SIGSEGV$/);
    replaceNode('exit 3');
    assertRefused(fileOf(stamp(expectedSources())), /it ends the process with status 3$/);
  });

  it('refuses what computes wrong numbers', () => {
    replaceNode('echo "file:1" >&2; echo "Error: it computes wrong products" >&2; exit 1');
    assertRefused(fileOf(stamp(expectedSources())), /: it computes wrong products$/);
  });

  it('takes no other program for a successful one', () => {
    replaceNode('exit 0');
    assertRefused(fileOf(stamp(expectedSources())), /does not run the script that tries it/);
    process.execPath = path.join(folder, 'missing');
    assertRefused(fileOf(stamp(expectedSources())), /no process can be started to try it: ENOENT/);
  });

  it('does not try it in the process that tries it', () => {
    assertRefused(fileOf(stamp(expectedSources())), /started to try it/, { PADDLEWHEEL_PROBING: '1' });
  });

  describe('with the build of this machine', () => {
    before(async function () {
      if (!(await isNativeFresh())) this.skip();
    });

    const copy = () => {
      const file = path.join(folder, 'paddlewheel.node');
      copyFileSync(packagedAddon, file);
      return file;
    };

    it('refuses a part of it', () => {
      const whole = readFileSync(packagedAddon);
      const end = whole.indexOf('paddlewheel kernels ') + 100;
      for (const length of [end, Math.max(end, whole.length / 2)]) {
        assertRefused(fileOf(whole.subarray(0, length)), /paddlewheel\.node: |it ends the process/);
      }
    });

    it('notes that it works, and does not try it again until it changes', () => {
      const file = copy();
      utimesSync(file, 1000, 1000);
      tryOut(file);
      assert.equal(marks().length, 1);
      writeFileSync(file, Buffer.alloc(statSync(file).size));
      utimesSync(file, 1000, 1000);
      tryOut(file);
      utimesSync(file, 1000, 1002);
      assert.throws(() => tryOut(file), DeviceError);
    });

    it('works without a home folder to note it in', () => {
      const file = copy();
      for (const unusable of ['/dev/null/home', '', undefined]) {
        const before = readdirSync('.');
        // Without HOME the user's entry counts; its mark may be there.
        tryOut(file, { HOME: unusable });
        assert.deepEqual(readdirSync('.'), before);
      }
    });

    it('does not hand the options of this process on', () => {
      const options = { NODE_OPTIONS: `--require ${path.join(folder, 'missing.js')}` };
      tryOut(copy(), options);
    });

    const compute = `
      const { info } = await import('./src/device/index.ts');
      const { matmul, toTensor } = await import('./src/index.ts');
      console.log(info().engine, matmul(toTensor([[1, 2], [3, 4]]), toTensor([[1, 0], [0, 1]])).numpy().join());`;

    it('may be tried by several processes at a time', async () => {
      const environment = { HOME: home, PADDLEWHEEL_ADDON: copy(), PADDLEWHEEL_ENGINE: '' };
      const runs = await Promise.all([0, 1, 2].map(() => runScript(compute, environment)));
      for (const run of runs) assert.deepEqual(run, { status: 0, stdout: 'native 1,2,3,4\n', stderr: '' });
      assert.equal(marks().length, 1);
    });

    it('serves workers, and stays in memory for its threads when they end', async () => {
      const script = `
        import { once } from 'node:events';
        import { existsSync, readFileSync } from 'node:fs';
        import { Worker } from 'node:worker_threads';
        const code = ${JSON.stringify(`void import('tsx/esm/api').then(async ({ register }) => { register(); ${compute} });`)};
        const workers = [0, 1].map(() => new Worker(code, { eval: true, execArgv: [] }));
        await Promise.all(workers.map((worker) => once(worker, 'exit')));
        const maps = '/proc/self/maps';
        console.log(!existsSync(maps) || readFileSync(maps, 'utf8').includes(process.env.PADDLEWHEEL_ADDON));`;
      const environment = { HOME: home, PADDLEWHEEL_ADDON: copy(), PADDLEWHEEL_ENGINE: '' };
      const { status, stdout, stderr } = await runScript(script, environment);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: `${'native 1,2,3,4\n'.repeat(2)}true\n` }, stderr);
    });
  });
});

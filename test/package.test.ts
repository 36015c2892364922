/**
 * What the package holds. `npm run test:package` installs it and trains with it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagedAddon } from '../src/engine/addon-file.js';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the package', function () {
  this.timeout(120_000);
  let files: string[];

  before(() => {
    const { stdout, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [{ files: entries }] = JSON.parse(stdout || `"${stderr}"`) as [{ files: { path: string }[] }];
    files = entries.map((entry) => entry.path);
  });

  it('holds the build, the kernels and their sources, and nothing else', () => {
    const allowed = [
      /^(CHANGELOG|README)\.md$|^LICENSE$|^package\.json$/,
      /^dist\/[\w/-]+\.(js|js\.map|d\.ts)$/,
      /^generated\/(kernels\.json|paddlewheel\.wasm|tfjs-gradients\.js)$/,
      /^prebuilds\/[a-z0-9]+-[a-z0-9]+\/paddlewheel\.node$/,
      /^src\/kernels\/(native\/)?\w+\.(cpp|h)$/,
    ];
    assert.deepEqual(
      files.filter((file) => !allowed.some((pattern) => pattern.test(file))),
      [],
    );
    assert.ok(!files.some((file) => file.endsWith('kernel_list.h')));
  });

  it('holds all that it loads and all that the native build is made of', () => {
    const sources = readdirSync(path.join(root, 'src/kernels'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(cpp|h)$/.test(name))
      .map((name) => `src/kernels/${name.replaceAll(path.sep, '/')}`);
    const needed = [
      ...['dist/index.js', 'dist/index.d.ts', 'dist/cli.js', 'LICENSE', ...sources],
      ...['kernels.json', 'paddlewheel.wasm', 'tfjs-gradients.js'].map((name) => `generated/${name}`),
      ...(existsSync(packagedAddon) ? [`prebuilds/${process.platform}-${process.arch}/paddlewheel.node`] : []),
    ];
    assert.deepEqual(
      needed.filter((name) => !files.includes(name)),
      [],
    );
  });
});

/**
 * What the compiler and linker made of the native build.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { packagedAddon } from '../../src/engine/addon-file.js';
import { isNativeFresh } from '../../src/engine/build-native.js';

/** What `objdump` tells about the native build. */
function objdump(...options: string[]): string {
  const { stdout, stderr, status } = spawnSync('objdump', [...options, packagedAddon], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, LC_ALL: 'C' },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Instructions by function, as text. */
function* disassembled(): Generator<[name: string, instruction: string]> {
  let name = '';
  for (const line of objdump('-d', '--no-show-raw-insn').split('\n')) {
    name = /^[0-9a-f]+ <(.*)>:$/.exec(line)?.[1] ?? name;
    const instruction = /^ +[0-9a-f]+:\t(.*)/.exec(line)?.[1];
    if (instruction !== undefined) yield [name, instruction];
  }
}

describe('the file of the native build', function () {
  this.timeout(60_000);
  before(async function () {
    const hasTool = spawnSync('objdump', ['--version']).status === 0;
    if (process.platform !== 'linux' || !hasTool || !(await isNativeFresh())) this.skip();
  });

  it('has instructions that not every processor has only where they are chosen at run time', function () {
    if (process.arch !== 'x64') return this.skip();
    const counts = { baseline: 0, avx2: 0, avx512: 0 };
    for (const [name, instruction] of disassembled()) {
      const set = name.includes('avx512') ? 'avx512' : name.includes('avx2') ? 'avx2' : 'baseline';
      counts[set]++;
      // All instructions that came with AVX begin with v; none before did, but for three that no compiler emits.
      if (set === 'baseline') assert.doesNotMatch(instruction, /^v|%[yz]mm/, name);
      // Wide registers, those beyond the first sixteen, and masks came with AVX-512.
      if (set === 'avx2') assert.doesNotMatch(instruction, /%zmm|%[xy]mm(1[6-9]|[23]\d)|%k[0-7]/, name);
    }
    assert.ok(Math.min(...Object.values(counts)) > 10_000, JSON.stringify(counts));
  });

  it('has no function that could stand in for that of another instruction set', () => {
    const symbols = objdump('-t').split('\n');
    // Weak or unique: of several with the same name the linker takes one.
    const shared = symbols.filter((line) => /^[0-9a-f]+ .{0,2}[wu]/.test(line) && !line.includes('*UND*'));
    assert.deepEqual(shared, []);
    assert.ok(symbols.some((line) => /^[0-9a-f]+ l .*baseline/.test(line)));
  });

  it('exports only what Node asks for', () => {
    const exported = objdump('-T')
      .split('\n')
      .filter((line) => /^[0-9a-f]{16} /.test(line) && !/\*UND\*|^0+ +w/.test(line))
      .map((line) => line.split(/\s+/).at(-1));
    assert.deepEqual(exported.sort(), ['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
  });

  it('loads on systems as old as any that run Node 20', () => {
    const table = objdump('-T', '-p');
    const libraries = Array.from(table.matchAll(/NEEDED +(\S+)/g), ([, name]) => name!);
    for (const name of libraries) assert.match(name, /^(libc|libpthread|libm|ld-linux[-\w]*|libc\.musl[-\w]*)\.so/);
    const versions = Array.from(table.matchAll(/GLIBC_2\.(\d+)/g), ([, minor]) => Number(minor));
    // Node 20 itself needs 2.28.
    assert.ok(Math.max(0, ...versions) <= 28, `GLIBC_2.${Math.max(...versions)}`);
  });
});

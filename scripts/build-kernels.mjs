// Compiles src/kernels to generated/paddlewheel.wasm, and notes in generated/kernels.json which sources it is made of.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashSources } from '../src/engine/build-native.js';

const folder = fileURLToPath(new URL('../src/kernels/', import.meta.url));

const flags = [
  ...['--target=wasm32', '-std=c++20', '-O3', '-Wall', '-Wextra'],
  ...['-ffreestanding', '-fno-exceptions', '-fno-rtti', '-nostdlib'],
  ...['-msimd128', '-matomics', '-mbulk-memory', '-mmutable-globals', '-fno-math-errno', '-ffp-contract=off'],
  ...['-Wl,--no-entry', '-Wl,--import-memory', '-Wl,--shared-memory', '-Wl,--initial-memory=4194304'],
  ...['-Wl,--max-memory=4294967296', '-Wl,-z,stack-size=262144'],
  ...['heap_base', 'stack_pointer', 'tls_size', 'wasm_init_tls'].map((name) => `-Wl,--export=__${name}`),
];

/** Sources of the WebAssembly build by name. */
async function readSources() {
  const names = (await readdir(folder)).filter((name) => /\.(cpp|h)$/.test(name)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name), 'utf8')])),
  );
}

async function compile(files) {
  const { runClang } = await import('@yowasp/clang');
  let messages = '';
  const collect = (bytes) => {
    if (bytes) messages += new TextDecoder().decode(bytes);
  };
  try {
    const built = await runClang(['clang++', ...flags, 'webassembly.cpp', '-o', 'kernels.wasm'], files, {
      stdout: collect,
      stderr: collect,
    });
    if (messages) console.warn(messages);
    return built['kernels.wasm'];
  } catch (error) {
    throw new Error(`the kernels do not compile:\n${messages}`, { cause: error });
  }
}

/** Makes both files in the folder `generated`; only what is out of date. */
export async function buildWebAssembly(generated) {
  const target = path.join(generated, 'paddlewheel.wasm');
  const noteFile = path.join(generated, 'kernels.json');
  const files = await readSources();
  const webassembly = createHash('sha256')
    .update(JSON.stringify([flags, files]))
    .digest('hex')
    .slice(0, 16);
  const note = existsSync(noteFile) ? JSON.parse(await readFile(noteFile, 'utf8')) : {};
  if (note.webassembly !== webassembly || !existsSync(target)) await writeFile(target, await compile(files));
  await writeFile(noteFile, `${JSON.stringify({ sources: await hashSources(), webassembly }, null, 2)}\n`);
}

// Compiles src/kernels to generated/paddlewheel.wasm. Nothing happens when the result is newer than every source.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../src/kernels/', import.meta.url));
const script = fileURLToPath(import.meta.url);

const flags = [
  ...['--target=wasm32', '-std=c++20', '-O3', '-Wall', '-Wextra'],
  ...['-ffreestanding', '-fno-exceptions', '-fno-rtti', '-nostdlib'],
  ...['-msimd128', '-matomics', '-mbulk-memory', '-mmutable-globals', '-fno-math-errno', '-ffp-contract=off'],
  ...['-Wl,--no-entry', '-Wl,--import-memory', '-Wl,--shared-memory', '-Wl,--initial-memory=4194304'],
  ...['-Wl,--max-memory=4294967296', '-Wl,-z,stack-size=262144'],
  ...['heap_base', 'stack_pointer', 'tls_size', 'wasm_init_tls'].map((name) => `-Wl,--export=__${name}`),
];

async function modified(file) {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}

export async function buildWebAssembly(target) {
  const names = (await readdir(folder)).filter((name) => /\.(cpp|h)$/.test(name));
  const sources = [script, ...names.map((name) => path.join(folder, name))];
  const newest = Math.max(...(await Promise.all(sources.map(modified))));
  if ((await modified(target)) > newest) return;
  const { runClang } = await import('@yowasp/clang');
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name))])),
  );
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
    await writeFile(target, built['kernels.wasm']);
  } catch (error) {
    throw new Error(`the kernels do not compile:\n${messages}`, { cause: error });
  }
}

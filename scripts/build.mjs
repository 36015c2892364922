// Makes what the sources load: under generated/ the gradients of TensorFlow.js as one module and the WebAssembly build of
// the kernels, under prebuilds/ their native build where there is a C++ compiler. Run by tsx.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { buildNative, isNativeFresh } from '../src/engine/build-native.js';
import { buildWebAssembly } from './build-kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const generated = path.join(root, 'generated');

/**
 * @tensorflow/tfjs-core publishes its gradient functions only as modules that Node cannot import. Bundled, they enter
 * themselves into the registry that all copies of TensorFlow.js share.
 */
async function bundleGradients() {
  const require = createRequire(import.meta.url);
  const core = path.dirname(require.resolve('@tensorflow/tfjs-core/package.json'));
  await build({
    stdin: {
      contents: `import ${JSON.stringify(path.join(core, 'dist/register_all_gradients.js'))};`,
      resolveDir: root,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    outfile: path.join(generated, 'tfjs-gradients.js'),
    banner: { js: '/* Gradients of @tensorflow/tfjs-core (Apache-2.0, Google LLC), bundled. */' },
    logLevel: 'warning',
  });
}

await mkdir(generated, { recursive: true });
await bundleGradients();
await buildWebAssembly(generated);
try {
  if (!(await isNativeFresh())) await buildNative();
} catch (error) {
  console.warn(`No native build: ${error.message}`);
}

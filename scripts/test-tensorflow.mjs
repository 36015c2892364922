/**
 * Runs tests against Paddle's values on the devices 'tensorflow' and 'gpu:0':
 * `npm run test:tensorflow -- --modules FOLDER`, repeatable.
 *
 * A FOLDER has a `node_modules` with `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`, its native binding in place.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: { modules: { type: 'string', multiple: true, default: [] } } });
const root = path.resolve(import.meta.dirname, '..');
const packages = { tensorflow: '@tensorflow/tfjs-node', 'gpu:0': '@tensorflow/tfjs-node-gpu' };

const oracle = ['layers', 'losses', 'optimizers', 'mnist', 'fit'].map((job) => `test/oracle/${job}.test.ts`);
const properties = ['matmul', 'convolution', 'pooling', 'normalization', 'cross-entropy', 'chains', 'aliasing'].map(
  (name) => `test/engine/properties/${name}.test.ts`,
);

/** Every operation, layer, loss and optimizer, LeNet by hand and through `fit`; and ResNet-18. */
const runs = [
  ['test/device/tensorflow.test.ts', 'test/kernels/pooling.test.ts', ...properties, ...oracle],
  ['test/oracle/training.test.ts', '--grep', 'resnet18'],
];

const found = options.modules.flatMap((folder) => {
  const modules = path.resolve(folder, 'node_modules');
  return Object.keys(packages)
    .filter((device) => existsSync(path.join(modules, packages[device])))
    .map((device) => ({ device, modules }));
});
if (found.length === 0) throw new Error('--modules FOLDER must name a folder with an optional package of TensorFlow');

for (const { device, modules } of found) {
  for (const run of runs) {
    console.log(`${device}, from ${modules}`);
    const { status } = spawnSync(process.execPath, [path.join(root, 'node_modules/mocha/bin/mocha.js'), ...run], {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        NODE_PATH: modules,
        PADDLEWHEEL_TEST_DEVICE: device,
        TF_CPP_MIN_LOG_LEVEL: '3',
        // The oneDNN kernels of libtensorflow 2.21 compute some convolutions with unequal strides wrongly.
        TF_ENABLE_ONEDNN_OPTS: '0',
      },
    });
    if (status !== 0) process.exit(status ?? 1);
  }
}

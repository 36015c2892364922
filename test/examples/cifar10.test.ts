/**
 * The examples on CIFAR-10, on the built package and an archive of a few images, and the one that is killed.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { itAtOnce, runNode } from '../support/spawn.js';
import { cifarPickle, tarGz } from '../vision/datasets/archives.js';

const run = (example: string, ...args: string[]) => runNode([path.join('examples', `${example}.ts`), ...args]);

/** Images of a batch file, each of one shade. */
function batch(name: string, count: number) {
  const labels = Array.from({ length: count }, (_, index) => index % 10);
  const images = labels.map((label) => new Uint8Array(3072).fill(20 * label + 10));
  return { name: `cifar-10-batches-py/${name}`, data: cifarPickle(images, 'labels', labels) };
}

describe('examples on CIFAR-10', function () {
  this.timeout(120_000);
  const test = itAtOnce();
  let folder: string;
  let data: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
    data = path.join(folder, 'cifar-10-python.tar.gz');
    await writeFile(data, tarGz([batch('data_batch_1', 24), batch('test_batch', 10)]));
  });
  after(() => rm(folder, { recursive: true }));

  test('resnet50-cifar10 trains the chosen network, evaluates, saves and resumes', async () => {
    const output = path.join(folder, 'lenet');
    const options = ['--model', 'LeNet', '--batch-size', '8', '--workers', '0', '--data', data, '--output', output];
    const first = await run('resnet50-cifar10', ...options, '--epochs', '1');
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /Epoch 1\/1.*acc_top1: 0\.\d+ - acc_top5: [01]\.\d+/);
    assert.match(first.stdout, /Eval: step 2\/2.*10 samples/);
    assert.match(first.stdout, /Test accuracy: \d+\.\d\d %/);
    for (const name of ['0.pdparams', '0.pdopt', '0.pdstate', 'final.pdparams']) {
      assert.ok(existsSync(path.join(output, name)), name);
    }
    const second = await run('resnet50-cifar10', ...options, '--epochs', '2', '--resume');
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /Epoch 2\/2/);
    assert.ok(!second.stdout.includes('Epoch 1/2'), second.stdout);
  });

  test('resnet18-cifar10 trains by its recipe', async () => {
    const output = path.join(folder, 'resnet18');
    const options = ['--epochs', '1', '--batch-size', '12', '--workers', '0', '--data', data, '--output', output];
    const { status, stdout, stderr } = await run('resnet18-cifar10', ...options);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Epoch 1\/1: step 2\/2/);
    assert.match(stdout, /Test accuracy: \d+\.\d\d %\nTime: +\d+\.\d min/);
  });

  test('resume kills a training twice and gets the losses of one run', async () => {
    const output = path.join(folder, 'resume');
    const { status, stdout, stderr } = await run('resume', '--epochs', '2', '--limit', '640', '--output', output);
    assert.equal(status, 0, stderr);
    assert.equal(stdout.match(/ended by SIGKILL/g)?.length, 2);
    assert.match(stdout, /They are the same, to the last bit/);
  });

  test('explain themselves, and refuse wrong arguments', async () => {
    const help = await run('resnet50-cifar10', '--help');
    assert.equal(help.status, 0);
    for (const option of ['--model', '--epochs', '--batch-size', '--limit', '--workers', '--data', '--output']) {
      assert.ok(help.stdout.includes(option), option);
    }
    const wrong = await run('resnet50-cifar10', '--model', 'resnet51');
    assert.deepEqual(
      [wrong.status, wrong.stderr.includes('--model must be one of resnet50, vgg16, LeNet, got resnet51')],
      [2, true],
    );
    const size = await run('resnet18-cifar10', '--batch-size', '0');
    assert.deepEqual([size.status, size.stderr.includes('--batch-size must be a positive integer, got 0')], [2, true]);
  });
});

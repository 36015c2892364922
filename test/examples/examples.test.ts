/**
 * The examples as a user runs them, on the built package and a few samples.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { itAtOnce, runNode } from '../support/spawn.js';

const run = (example: string, ...args: string[]) => runNode([path.join('examples', `${example}.ts`), ...args]);

describe('examples', function () {
  this.timeout(120_000);
  const test = itAtOnce();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  });
  after(() => rm(folder, { recursive: true }));

  test('lenet-mnist trains, reports its accuracy and saves a checkpoint', async () => {
    const { status, stdout, stderr } = await run('lenet-mnist', '--epochs', '1', '--limit', '640', '--output', folder);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Epoch 1\/1/);
    assert.match(stdout, /Test accuracy: \d+\.\d\d %/);
    assert.match(stdout, /Time: +\d/);
    const checkpoint = /Checkpoint: +(.*)/.exec(stdout)?.[1];
    assert.equal(checkpoint, path.join(folder, 'final.pdparams'));
    assert.ok(existsSync(checkpoint));
  });

  test('lenet-mnist-manual prints the network, the loss and the validation, and saves the weights', async () => {
    const file = path.join(folder, 'mnist.pdparams');
    const { status, stdout, stderr } = await run(
      'lenet-mnist-manual',
      '--epochs',
      '1',
      '--limit',
      '200',
      '--output',
      file,
    );
    assert.equal(status, 0, stderr);
    // Names, output shapes and parameter shapes as real Paddle gives them.
    for (const line of [
      'conv2d_0 [3, 6, 24, 24] [6, 1, 5, 5] [6]',
      'max_pool2d_0 [3, 6, 12, 12]',
      'conv2d_1 [3, 16, 8, 8] [16, 6, 5, 5] [16]',
      'max_pool2d_1 [3, 16, 4, 4]',
      'conv2d_2 [3, 120, 1, 1] [120, 16, 4, 4] [120]',
      'linear_0 [3, 64] [120, 64] [64]',
      'linear_1 [3, 10] [64, 10] [10]',
    ]) {
      assert.ok(stdout.includes(`${line}\n`), `missing: ${line}\n${stdout}`);
    }
    assert.match(stdout, /epoch: 0, batch: 0, loss: \d\.\d{4}/);
    assert.match(stdout, /validation: accuracy 0\.\d{4}, loss \d\.\d{4}/);
    assert.match(stdout, /saved 10 arrays/);
    assert.ok(existsSync(file));
  });

  test('custom-callback follows the run', async () => {
    const { status, stdout, stderr } = await run(
      'custom-callback',
      '--epochs',
      '2',
      '--limit',
      '320',
      '--output',
      path.join(folder, 'callback'),
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /epoch 0 begins\nstep 0: loss \d\.\d{4}\nepoch 1 begins\n/);
    const lines = (await readFile(path.join(folder, 'callback', 'epochs.jsonl'), 'utf8')).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { epoch: number }).epoch),
      [0, 1],
    );
  });

  test('custom-dataset trains on a folder of images, and predict classifies with its weights', async () => {
    const output = path.join(folder, 'shapes-run');
    const trained = await run('custom-dataset', '--output', output);
    assert.equal(trained.status, 0, trained.stderr);
    assert.match(trained.stdout, /180 images of the classes circle, cross, stripes/);
    const accuracy = Number(/Test accuracy: (\d+\.\d\d) %/.exec(trained.stdout)?.[1]);
    // A third is chance.
    assert.ok(accuracy > 60, trained.stdout);
    const weights = path.join(output, 'final.pdparams');
    const images = ['circle', 'stripes'].map((name) => path.join(output, 'shapes', name, '000.ppm'));

    const predicted = await run('predict', '--weights', weights, ...images);
    assert.equal(predicted.status, 0, predicted.stderr);
    const lines = predicted.stdout.trimEnd().split('\n');
    assert.deepEqual([lines[0], lines[4]], images);
    for (const ranking of [lines.slice(1, 4), lines.slice(5)]) {
      const found = ranking.map((line) => /^ +(\d+\.\d\d) % {2}(circle|cross|stripes)$/.exec(line));
      const shares = found.map((match) => Number(match?.[1]));
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 0.05, ranking.join('\n'));
      assert.deepEqual(
        shares,
        [...shares].sort((a, b) => b - a),
      );
      assert.equal(new Set(found.map((match) => match?.[2])).size, 3);
    }
  });

  test('predict explains itself, and says what is missing', async () => {
    const help = await run('predict', '--help');
    assert.equal(help.status, 0);
    for (const option of ['--weights', '--model', '--classes']) assert.ok(help.stdout.includes(option));
    const none = await run('predict');
    assert.deepEqual([none.status, none.stderr.includes('--weights is missing')], [2, true]);
    const unknown = await run('predict', '--weights', 'x', '--model', 'resnet51', 'y');
    assert.deepEqual([unknown.status, unknown.stderr.includes('--model must be small or one of alexnet')], [2, true]);
  });

  test('a mistake on the command line is told in a line', async () => {
    const mistakes = [
      [['lenet-mnist', '--epoch', '3'], "Unknown option '--epoch'; --help lists the options\n"],
      [['lenet-mnist', '--limit', 'x'], '--limit must be a positive integer, got x\n'],
      [['resume', '--epochs'], "Option '--epochs <value>' argument missing; --help lists the options\n"],
    ] as const;
    for (const [[example, ...options], message] of mistakes) {
      const { status, stderr } = await run(example, ...options);
      assert.deepEqual([status, stderr], [2, message]);
    }
  });

  for (const example of ['lenet-mnist', 'lenet-mnist-manual', 'custom-callback', 'custom-dataset']) {
    test(`${example} explains itself`, async () => {
      const { status, stdout } = await run(example, '--help');
      assert.equal(status, 0);
      for (const option of ['--epochs', '--limit', '--output']) assert.ok(stdout.includes(option));
    });
  }

  test('refuse a wrong argument', async () => {
    const { status, stderr } = await run('lenet-mnist', '--epochs', 'zero');
    assert.equal(status, 2);
    assert.match(stderr, /--epochs must be a positive integer, got zero/);
  });
});

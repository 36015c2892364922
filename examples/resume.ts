// Kills a training in the middle and resumes it: npx tsx examples/resume.ts
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Model, seed } from 'paddlewheel';
import { Accuracy } from 'paddlewheel/metric';
import { CrossEntropyLoss } from 'paddlewheel/nn';
import { Adam, lr } from 'paddlewheel/optimizer';
import { MNIST } from 'paddlewheel/vision/datasets';
import { LeNet } from 'paddlewheel/vision/models';
import { ToTensor } from 'paddlewheel/vision/transforms';
import { readArguments } from './support/arguments.js';
import { limited } from './support/limit.js';

const { epochs, limit, output } = readArguments(
  'Trains LeNet in a process that is killed, resumes it, and compares the result with a training in one go.',
  { epochs: 2, output: 'output/resume' },
);

/** Trains in this process; prints the losses of the epochs. */
async function train(saveDir: string, killAt: number): Promise<void> {
  seed(1);
  const data = limited(new MNIST({ mode: 'train', transform: new ToTensor() }), limit ?? 3200);
  const model = new Model(new LeNet());
  const learningRate = new lr.ExponentialDecay(0.002, 0.99);
  model.prepare(new Adam({ learningRate, parameters: model.parameters() }), new CrossEntropyLoss(), new Accuracy());
  let batches = 0;
  model.on('trainBatchEnd', () => {
    // The hardest way to go: nothing can be saved any more.
    if (++batches === killAt) process.kill(process.pid, 'SIGKILL');
  });
  // The same call starts a training and resumes it.
  const history = await model.fit(data, null, {
    epochs,
    batchSize: 64,
    verbose: 0,
    saveDir,
    saveSteps: 5,
    resume: true,
  });
  process.send?.(history.epochs.map(({ loss }) => loss));
}

/** Trains in a process of its own; gives the losses of the epochs, or undefined when it was killed. */
async function trainApart(saveDir: string, killAt = 0): Promise<number[] | undefined> {
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
    execArgv: process.execArgv,
    env: { ...process.env, RESUME_EXAMPLE: JSON.stringify([saveDir, killAt]) },
  });
  let losses: number[] | undefined;
  child.on('message', (message) => (losses = message as number[]));
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  console.log(signal === null ? `  ended with status ${status}` : `  ended by ${signal}`);
  return losses;
}

const task = process.env.RESUME_EXAMPLE;
if (task === undefined) {
  await rm(output, { recursive: true, force: true });
  console.log('Training in one go');
  const whole = await trainApart(`${output}/whole`);
  console.log('Training that is killed after 12 batches, and again after 7');
  await trainApart(`${output}/killed`, 12);
  await trainApart(`${output}/killed`, 7);
  console.log('Resuming it');
  const resumed = await trainApart(`${output}/killed`);
  console.log(`Losses in one go: ${whole?.join(', ')}`);
  console.log(`Losses resumed:   ${resumed?.join(', ')}`);
  const same = whole !== undefined && JSON.stringify(whole) === JSON.stringify(resumed);
  console.log(same ? 'They are the same, to the last bit.' : 'They differ.');
  process.exitCode = same ? 0 : 1;
} else {
  const [saveDir, killAt] = JSON.parse(task) as [string, number];
  await train(saveDir, killAt);
}

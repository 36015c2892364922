import '../support/setup.js';
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { BarDisplay } from '../../src/callbacks/display/bar-display.js';
import { LineDisplay, SummaryDisplay } from '../../src/callbacks/display/line-display.js';
import { ProgBarLogger, type ProgressDisplay, type Verbosity } from '../../src/callbacks/index.js';
import { captureConsole } from '../support/console.js';
import { Points, pointBatch, trainableModel } from '../model/support.js';

const train = new Points(10);
const val = new Points(6);
const timeless = (text: string) =>
  text
    .replace(/\d+[mu]?s\/step/g, 'T/step')
    .replace(/ - [\d.]+ samples\/sec/g, ' - S/sec')
    .replace(/ETA: \d+s/g, 'ETA');

/** What a `fit` shows on a display, without times and values. */
async function shownBy(makeDisplay: (lines: string[]) => ProgressDisplay, verbose: Verbosity, logFreq: number) {
  const lines: string[] = [];
  const logger = new ProgBarLogger({ verbose, logFreq, display: makeDisplay(lines) });
  await trainableModel().fit(train, val, { batchSize: 2, shuffle: false, epochs: 2, callbacks: logger });
  return lines.map((line) => timeless(line).replace(/ (loss|acc): \d\.\d{4}(e-\d\d)?/g, ' $1'));
}

/** A terminal that notes what is written to it. */
class Terminal extends Writable {
  readonly isTTY = true;
  text = '';
  constructor(readonly columns: number) {
    super();
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  cursorTo(): boolean {
    return this.write('\r');
  }
  clearLine(): boolean {
    return true;
  }
  /** The lines as they stand in the end: what was rewritten is gone. */
  lines(): string[] {
    // eslint-disable-next-line no-control-regex -- the terminal's commands are control characters
    const plain = this.text.replace(/\u001b(\[[0-9;?]*[A-Za-z]|[78])/g, (command) =>
      command.endsWith('G') ? '\r' : '',
    );
    return plain.split('\n').map((line) => line.split('\r').at(-1) ?? '');
  }
}

const terminal = (columns = 120) => new Terminal(columns);
const barOn = (stream: Terminal) => new BarDisplay(stream as unknown as NodeJS.WriteStream);

describe('ProgBarLogger', () => {
  const note =
    'The loss value printed in the log is the current step, and the metric is the average value of previous steps.';

  it('shows a line per logFreq steps and one at the end', async () => {
    const shown = await shownBy((lines) => new LineDisplay((line) => lines.push(line)), 2, 2);
    const epoch = [2, 4, 5].map((step) => `step ${step}/5 - loss - acc - T/step`);
    const evaluation = [2, 3].map((step) => `step ${step}/3 - loss - acc - T/step`);
    const rest = [...epoch, 'Eval begin...', ...evaluation, 'Eval samples: 6'];
    assert.deepEqual(shown, [note, 'Epoch 1/2', ...rest, 'Epoch 2/2', ...rest]);
  });

  it('shows timings with verbose 3', async () => {
    const shown = await shownBy((lines) => new LineDisplay((line) => lines.push(line)), 3, 5);
    const timings =
      / - avg_reader_cost: \d\.\d{5} sec - avg_batch_cost: \d\.\d{5} sec - ips: \d+\.\d{5} samples\/sec - T\/step$/;
    const steps = shown.filter((line) => line.startsWith('step'));
    assert.equal(steps.length, 4);
    for (const line of steps) assert.match(line, timings);
  });

  it('shows a line per epoch and evaluation where there is no terminal', async () => {
    const shown = await shownBy((lines) => new SummaryDisplay((line) => lines.push(line)), 1, 2);
    assert.deepEqual(shown, [
      'Epoch 1/2: step 5/5 - loss - acc - T/step - S/sec',
      'Eval: step 3/3 - loss - acc - T/step - S/sec - 6 samples',
      'Epoch 2/2: step 5/5 - loss - acc - T/step - S/sec',
      'Eval: step 3/3 - loss - acc - T/step - S/sec - 6 samples',
    ]);
  });

  it('shows a line a minute of a long epoch where there is no terminal, with the time left', () => {
    const lines: string[] = [];
    let seconds = 1000;
    const display = new SummaryDisplay(
      (line) => lines.push(line),
      () => seconds,
    );
    const phase = { kind: 'train', epoch: 0, epochs: 2, steps: 100 } as const;
    display.phaseBegin();
    for (let step = 10; step <= 90; step += 10) {
      seconds += 25;
      display.advance(phase, { step, samples: 32 * step, values: [['loss', 2]], secondsPerStep: 2.5 });
    }
    display.phaseEnd(phase, { step: 100, samples: 3200, values: [['loss', 1]], secondsPerStep: 2.5 });
    assert.deepEqual(lines, [
      'Epoch 1/2: step  30/100 - loss: 2.0000 - 2s/step - 12.8 samples/sec - ETA: 2:55',
      'Epoch 1/2: step  60/100 - loss: 2.0000 - 2s/step - 12.8 samples/sec - ETA: 1:40',
      'Epoch 1/2: step  90/100 - loss: 2.0000 - 2s/step - 12.8 samples/sec - ETA: 25s',
      'Epoch 1/2: step 100/100 - loss: 1.0000 - 2s/step - 12.8 samples/sec',
    ]);
  });

  it('shows a bar on a terminal', async () => {
    const stream = terminal();
    const shown = await shownBy(() => barOn(stream), 1, 1);
    assert.deepEqual(shown, []);
    const lines = stream.lines().map((line) => timeless(line).replace(/(loss|acc): \d\.\d{4}(e-\d\d)?/g, '$1'));
    const bar = `[${'='.repeat(30)}]`;
    const rest = [
      `step 5/5 ${bar} - loss - acc - T/step - S/sec`,
      'Eval begin...',
      `step 3/3 ${bar} - loss - acc - T/step - S/sec`,
      'Eval samples: 6',
    ];
    assert.deepEqual(lines, [note, 'Epoch 1/2', ...rest, 'Epoch 2/2', ...rest, '']);
  });

  it('estimates the time left, and fits the bar to the terminal', async () => {
    const stream = terminal(60);
    const display = barOn(stream);
    const phase = { kind: 'train', epoch: 0, epochs: 1, steps: 100 } as const;
    display.phaseBegin(phase);
    display.advance(phase, { step: 40, samples: 40, values: [['loss', 1]], secondsPerStep: 2 });
    await setTimeout(150);
    assert.equal(stream.lines().at(-1), 'step  40/100 [===>......] - loss: 1.0000 - ETA: 2:00 - 2s/st');
    display.close();
    assert.equal(stream.lines().at(-1), '');
  });

  it('shows steps on a terminal when their number is unknown', async () => {
    const stream = terminal();
    const [points, classes] = pointBatch(4);
    const logger = new ProgBarLogger({ verbose: 1, display: barOn(stream) });
    await trainableModel().fit(new Set([[points, classes]]), null, { callbacks: logger });
    assert.match(stream.lines().at(-2) ?? '', /^step {3}1 - loss: .* - acc: .*\/step - .* samples\/sec$/);
  });

  it('closes the bar when the run fails', async () => {
    const stream = terminal();
    const model = trainableModel();
    model.on('trainBatchEnd', (step) => {
      if (step === 2) throw new Error('failure');
    });
    const logger = new ProgBarLogger({ verbose: 1, display: barOn(stream) });
    await assert.rejects(model.fit(train, null, { batchSize: 2, callbacks: logger }), { message: 'failure' });
    assert.equal(stream.lines().at(-1), '');
    const { text } = stream;
    await setTimeout(150);
    assert.equal(stream.text, text);
  });

  it('is silent with verbose 0', async () => {
    assert.deepEqual(await shownBy((lines) => new LineDisplay((line) => lines.push(line)), 0, 1), []);
    const model = trainableModel();
    const printed = await captureConsole(async () => {
      await model.fit(train, val, { verbose: 0 });
      await model.evaluate(val, { verbose: 0 });
      await model.predict(val, { verbose: 0 });
    });
    assert.equal(printed, '');
  });

  it('follows evaluations and predictions of their own', async () => {
    const model = trainableModel();
    const evaluation = timeless(await captureConsole(() => model.evaluate(val, { batchSize: 2, logFreq: 2 })));
    assert.match(evaluation, /^Eval begin\.\.\.\nstep 2\/3 - loss: .*\nstep 3\/3 - loss: .*\nEval samples: 6\n$/);
    const prediction = timeless(await captureConsole(() => model.predict(val, { batchSize: 2, verbose: 2 })));
    assert.equal(prediction, 'Predict begin...\nstep 2/3 - T/step\nstep 3/3 - T/step\nPredict samples: 6\n');
    const perRun = timeless(await captureConsole(() => model.predict(val, { batchSize: 2 })));
    if (!process.stdout.isTTY) assert.equal(perRun, 'Predict: step 3/3 - T/step - S/sec - 6 samples\n');
  });

  it('is not added when there is one', async () => {
    const lines: string[] = [];
    const logger = new ProgBarLogger({ display: new LineDisplay((line) => lines.push(line)) });
    const printed = await captureConsole(() =>
      trainableModel().fit(train, null, { batchSize: 5, callbacks: [logger] }),
    );
    assert.equal(printed, '');
    assert.equal(lines.length, 4);
  });

  it('refuses wrong options', () => {
    const refuses = (options: object, code: string) => assert.throws(() => new ProgBarLogger(options), { code });
    refuses({ verbose: 5 }, 'INVALID_ARGUMENT');
    refuses({ logFreq: 0 }, 'INVALID_ARGUMENT');
    refuses({ log_freq: 1 }, 'UNKNOWN_OPTION');
  });
});

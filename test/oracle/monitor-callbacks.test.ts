import '../support/setup.js';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { EarlyStopping, ReduceLROnPlateau } from '../../src/callbacks/index.js';
import { Model } from '../../src/model/index.js';
import { Linear } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { captureConsole } from '../support/console.js';

interface MonitorRun {
  readonly values: readonly (number | null)[];
  readonly rates: readonly number[];
  readonly stops: readonly number[];
  readonly printed: string;
}

interface MonitorCase {
  readonly callback: 'EarlyStopping' | 'ReduceLROnPlateau';
  readonly options: Readonly<Record<string, string | number>>;
  readonly rate: number;
  readonly runs: readonly MonitorRun[];
}

const { cases } = JSON.parse(readFileSync(new URL('monitor-callbacks.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly MonitorCase[];
};

const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const params = { epochs: 20, steps: 1, verbose: 2, metrics: ['loss'], saveDir: null };

function make({ callback, options }: MonitorCase): EarlyStopping | ReduceLROnPlateau {
  const ours = Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));
  return callback === 'EarlyStopping' ? new EarlyStopping(ours) : new ReduceLROnPlateau(ours);
}

/** Hands the values of a case to a callback; with `isResumed` each goes to a new one that takes the state over. */
async function check(expected: MonitorCase, isResumed: boolean): Promise<void> {
  const monitor = String(expected.options.monitor);
  let callback = make(expected);
  let model = new Model(new Linear(1, 1)).prepare(new SGD({ learningRate: expected.rate }));
  callback.setParams(params);
  callback.setModel(model);
  for (const run of expected.runs) {
    const [rates, stops]: [number[], number[]] = [[], []];
    callback.onTrainBegin();
    const printed = await captureConsole(async () => {
      for (const [index, value] of run.values.entries()) {
        if (isResumed) {
          const state = JSON.stringify(callback.stateDict());
          callback = make(expected);
          model = new Model(new Linear(1, 1)).prepare(new SGD({ learningRate: expected.rate }));
          callback.setParams(params);
          callback.setModel(model);
          callback.onTrainBegin();
          callback.setStateDict(JSON.parse(state) as Record<string, unknown>);
        }
        model.stopTraining = false;
        await callback.onEvalEnd({ [monitor]: monitor === 'loss' ? [value ?? NaN] : (value ?? NaN) });
        rates.push(model.optimizer!.getLr());
        if (model.stopTraining) stops.push(index);
      }
    });
    assert.deepEqual(rates, run.rates);
    assert.deepEqual(stops, run.stops);
    assert.equal(printed, run.printed);
  }
}

describe('callbacks that watch a value', () => {
  it('do what those of Paddle do', async () => {
    for (const expected of cases) await check(expected, false);
  });

  it('go on from a saved state as if nothing had happened', async () => {
    for (const expected of cases) await check(expected, true);
  });
});

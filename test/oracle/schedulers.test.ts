import assert from 'node:assert/strict';
import { assertClose, describeOracle } from '../support/oracle.js';
import { lr } from '../../src/optimizer/index.js';
import { isUnbuilt } from './unbuilt.js';

const schedules: Record<string, () => lr.LRScheduler> = {
  StepDecay: () => new lr.StepDecay(0.5, 4, { gamma: 0.3 }),
};

describeOracle<number[]>(
  'schedulers',
  (name, expected) => {
    const make = schedules[name];
    assert.ok(make, `no schedule for the case ${name}`);
    const schedule = make();
    expected.forEach((wanted, step) => {
      assertClose(schedule.lastLr, wanted, 1e-6, `rate ${step}`);
      schedule.step();
    });
  },
  (name) => isUnbuilt('schedulers', name),
);

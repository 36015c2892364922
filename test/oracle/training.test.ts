import '../support/setup.js';
import { describeOracle } from '../support/oracle.js';
import { checkTraining, type TrainingCase } from '../support/training.js';

// Plain JavaScript needs minutes for a step of a large network.
const isSlow = process.env.PADDLEWHEEL_ENGINE === 'js';

describeOracle<TrainingCase>(
  'training',
  (name, expected) => checkTraining(name, expected),
  () => isSlow,
);

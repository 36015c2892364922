import assert from 'node:assert/strict';
import { InvalidArgumentError, UnknownOptionError } from '../../src/common/errors.js';
import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  describeValue,
  nearestName,
} from '../../src/common/options.js';

describe('checkOptions', () => {
  it('accepts known names and no options at all', () => {
    checkOptions('fit', { epochs: 1 }, ['epochs', 'batchSize']);
    checkOptions('fit', undefined, ['epochs']);
  });

  it('names the nearest known option', () => {
    assert.throws(() => checkOptions('fit', { batchsize: 1 }, ['epochs', 'batchSize']), {
      name: 'UnknownOptionError',
      code: 'UNKNOWN_OPTION',
      message: "fit has no option 'batchsize'; did you mean 'batchSize'?",
    });
  });

  it("understands Paddle's spelling", () => {
    assert.throws(() => checkOptions('fit', { save_dir: 'x' }, ['saveDir']), /did you mean 'saveDir'/);
  });

  it('lists the known names when none is near', () => {
    assert.throws(() => checkOptions('fit', { zzzzzz: 1 }, ['epochs', 'batchSize']), /known are epochs, batchSize/);
  });

  it('refuses what is not an options object', () => {
    for (const wrong of [null, 3, 'x', [1]]) {
      assert.throws(() => checkOptions('fit', wrong, ['epochs']), InvalidArgumentError);
    }
  });
});

describe('checks of single values', () => {
  const refused: [string, () => unknown, string][] = [
    [
      'zero where a positive integer is due',
      () => checkInteger('batchSize', 0, 1),
      'batchSize must be a positive integer, got 0',
    ],
    ['a fraction', () => checkInteger('epochs', 1.5, 0), 'epochs must be a non-negative integer, got 1.5'],
    ['a text for an integer', () => checkInteger('axis', '1'), 'axis must be an integer, got "1"'],
    ['NaN', () => checkNumber('learningRate', NaN), 'learningRate must be a finite number, got NaN'],
    ['a number outside its range', () => checkNumber('p', 2, 0, 1), 'p must be a number between 0 and 1, got 2'],
    ['a negative number', () => checkNumber('epsilon', -1, 0), 'epsilon must be a number of at least 0, got -1'],
    ['a number for a boolean', () => checkBoolean('shuffle', 1), 'shuffle must be true or false, got 1'],
    ['an unknown choice', () => checkChoice('mode', 'x', ['a', 'b']), `mode must be one of 'a', 'b', got "x"`],
    ['null for a function', () => checkFunction('fn', null), 'fn must be a function, got null'],
  ];
  for (const [what, run, message] of refused) {
    it(`refuse ${what}`, () => assert.throws(run, { name: 'InvalidArgumentError', message }));
  }

  it('return good values', () => {
    assert.equal(checkInteger('n', 3, 1), 3);
    assert.equal(checkNumber('p', 0.5, 0, 1), 0.5);
    assert.equal(checkChoice('mode', 'a', ['a', 'b']), 'a');
  });
});

describe('describeValue', () => {
  const cases: [unknown, string][] = [
    ['a', '"a"'],
    [5n, '5n'],
    [undefined, 'undefined'],
    [[1, 'b'], '[1, "b"]'],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9], '[1, 2, 3, 4, 5, 6, 7, 8, ... 9 items]'],
    [{ a: 1 }, 'an object with keys ["a"]'],
    [new Map(), 'an instance of Map'],
    [{ shape: [2, 3] }, 'Object of shape [2, 3]'],
    [Math.max, 'function max'],
  ];
  for (const [value, text] of cases) it(text, () => assert.equal(describeValue(value), text));
});

describe('nearestName', () => {
  it('finds nothing far away', () => assert.equal(nearestName('abc', ['xyz']), undefined));
  it('is an error class of its own', () => assert.ok(new UnknownOptionError('x') instanceof Error));
});

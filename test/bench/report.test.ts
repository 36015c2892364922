import assert from 'node:assert/strict';
import { format } from 'prettier';
import { checkBars } from '../../bench/bars.js';
import type { Measurement } from '../../bench/measurements.js';
import { readOptions } from '../../bench/options.js';
import { barTable, figureTable, replaceBetweenMarks, toMarkdown, toText } from '../../bench/report.js';
import { bestFigures } from '../../bench/results.js';

const measurement: Measurement = {
  id: 'train/lenet',
  task: { task: 'train' },
  suits: () => true,
  figures: [
    { id: 'step', title: 'Step', unit: 'ms', better: 'lower', digits: 1, value: ({ ms }) => ms as number },
    { id: 'rate', title: 'Rate', unit: 'images/s', better: 'higher', digits: 0, value: ({ rate }) => rate as number },
  ],
};

const sample = (contender: string, variant: string, ms: number, rate?: number) => ({
  measurement: 'train/lenet',
  contender,
  variant,
  result: { ms, ...(rate !== undefined && { rate }) },
});

const figures = bestFigures(
  [measurement],
  [
    sample('native', '', 3, 300),
    sample('native', '', 2, 200),
    sample('PyTorch', 'NCHW', 5),
    sample('PyTorch', 'channels_last', 4),
  ],
);

describe('bench', () => {
  it('takes the best of all rounds and variants', () => {
    assert.deepEqual(figures[0]?.values, {
      native: { value: 2, variant: '' },
      PyTorch: { value: 4, variant: 'channels_last' },
    });
    assert.deepEqual(figures[1]?.values, { native: { value: 300, variant: '' } });
  });

  it('shows ratios to the peers', () => {
    const table = figureTable(figures, ['native', 'wasm', 'PyTorch'], ['PyTorch']);
    assert.deepEqual(table, [
      ['', 'native', 'PyTorch'],
      ['Step, ms', '2.0', '4.0 (channels_last)'],
      ['  of PyTorch', '0.50x', ''],
      ['Rate, images/s', '300', ''],
    ]);
    assert.equal(toText(table).split('\n')[1], 'Step, ms           2.0  4.0 (channels_last)');
  });

  it('writes tables as the formatter of the pages does', async () => {
    const tables = [
      figureTable(figures, ['native', 'wasm', 'PyTorch'], ['PyTorch']),
      [
        ['', 'a'],
        ['', '1'],
      ],
    ];
    const page = replaceBetweenMarks('', tables.map(toMarkdown).join('\n\n'));
    assert.equal(page, await format(page, { parser: 'markdown' }));
  });

  it('compares with the bars that were measured', () => {
    const bars = checkBars(figures, [
      { figure: 'step', contender: 'native', of: 'PyTorch', limit: 0.5 },
      { figure: 'step', contender: 'native', limit: 1.9 },
      { figure: 'step', contender: 'wasm', limit: 5 },
      { figure: 'other', contender: 'native', limit: 5 },
    ]);
    assert.deepEqual(
      bars.map(({ value, passed }) => [value, passed]),
      [
        [0.5, true],
        [2, false],
        [undefined, undefined],
      ],
    );
    assert.deepEqual(barTable(bars)[2], ['Step, native', '<= 1.9', '2.00', 'FAIL']);
  });

  it('puts its text between the marks of a page', () => {
    const page = 'above\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nbelow\n';
    const expected = 'above\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nbelow\n';
    assert.equal(replaceBetweenMarks(page, 'new'), expected);
    assert.equal(replaceBetweenMarks(expected, 'new'), expected);
    assert.equal(replaceBetweenMarks('', 'new'), '<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\n');
  });

  it('reads its options', () => {
    const options = readOptions([
      '--quick',
      '--only',
      'epoch',
      '--only',
      'train',
      '--engines',
      'wasm',
      '--threads',
      '3',
    ]);
    assert.deepEqual(options?.only, ['epoch', 'train']);
    assert.deepEqual([options.rounds, options.threads, options.engines], [1, 3, ['wasm']]);
    assert.equal(readOptions(['--help']), undefined);
    assert.throws(() => readOptions(['--rounds', '0']), /--rounds must be a positive integer, got 0/);
    assert.throws(() => readOptions(['--fast']), /--fast/);
  });
});

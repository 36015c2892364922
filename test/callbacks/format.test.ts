import assert from 'node:assert/strict';
import {
  formatBar,
  formatDuration,
  formatNumber,
  formatPythonFloat,
  formatSpeed,
  formatStep,
  formatThroughput,
  formatValues,
} from '../../src/callbacks/display/format.js';

describe('texts of progress', () => {
  it('show numbers as Python does', () => {
    const texts: [number, string][] = [
      [2.396172, '2.3962'],
      [0, '0.0000e+00'],
      [0.001, '1.0000e-03'],
      [0.0011, '0.0011'],
      [1.5e-12, '1.5000e-12'],
      [-0.25, '-0.2500'],
      // Exact ties go to the even digit.
      [0.53125, '0.5312'],
      [0.09375, '0.0938'],
      [0.15625, '0.1562'],
      [-0.15625, '-0.1562'],
      [3.03125, '3.0312'],
      [123456.78125, '123456.7812'],
      // Not ties, though their doubles print like ties.
      [0.12345, '0.1235'],
      [1.00005, '1.0001'],
      [NaN, 'nan'],
      [Infinity, 'inf'],
      [-Infinity, '-inf'],
    ];
    for (const [value, text] of texts) assert.equal(formatNumber(value), text);
  });

  it('show a number as its repr in Python', () => {
    const texts: [number, string][] = [
      [0.001, '0.001'],
      [0.0001, '0.0001'],
      [0.00001, '1e-05'],
      [0.0000123, '1.23e-05'],
      [1e-10, '1e-10'],
      [1, '1.0'],
      [0, '0.0'],
      [123456, '123456.0'],
      [1e16, '1e+16'],
    ];
    for (const [value, text] of texts) assert.equal(formatPythonFloat(value), text);
  });

  it('show values of one or several numbers, and texts', () => {
    const values = formatValues([
      ['loss', [0.5, 2]],
      ['acc', 0.25],
      ['ips', '3 samples/sec'],
    ]);
    assert.equal(values, ' - loss: 0.5000 2.0000 - acc: 0.2500 - ips: 3 samples/sec');
  });

  it('show speeds in a fitting unit', () => {
    assert.equal(formatSpeed(0), ' - 0s/step');
    assert.equal(formatSpeed(12.4), ' - 12s/step');
    assert.equal(formatSpeed(2.5), ' - 2s/step');
    assert.equal(formatSpeed(0.0034), ' - 3ms/step');
    assert.equal(formatSpeed(0.0000123), ' - 12us/step');
  });

  it('show throughput, where it is known', () => {
    assert.equal(formatThroughput(812.4), ' - 812 samples/sec');
    assert.equal(formatThroughput(12.345), ' - 12.3 samples/sec');
    assert.equal(formatThroughput(0.5), ' - 0.500 samples/sec');
    for (const unknown of [NaN, Infinity, 0]) assert.equal(formatThroughput(unknown), '');
  });

  it('show durations', () => {
    assert.equal(formatDuration(59.9), '59s');
    assert.equal(formatDuration(60), '60s');
    assert.equal(formatDuration(61), '1:01');
    assert.equal(formatDuration(3725), '1:02:05');
  });

  it('show steps, padded to the width of their number', () => {
    assert.equal(formatStep(3, 938), 'step   3/938');
    assert.equal(formatStep(10, 10), 'step 10/10');
    assert.equal(formatStep(3, undefined), 'step   3');
  });

  it('show a bar', () => {
    assert.equal(formatBar(0, 4, 8), '[........]');
    assert.equal(formatBar(1, 4, 8), '[=>......]');
    assert.equal(formatBar(3, 4, 8), '[=====>..]');
    assert.equal(formatBar(4, 4, 8), '[========]');
  });
});

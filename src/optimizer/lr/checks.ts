/**
 * Checks of what the schedules take.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkNumber, describeValue } from '../../common/options.js';

/** Returns `value` when it is a finite number above 0. */
export function checkPositive(name: string, value: unknown): number {
  const number = checkNumber(name, value);
  if (number > 0) return number;
  throw new InvalidArgumentError(`${name} must be above 0, got ${number}`);
}

/** Returns `value` when it is a finite number below 1. */
export function checkBelowOne(name: string, value: unknown): number {
  const number = checkNumber(name, value);
  if (number < 1) return number;
  throw new InvalidArgumentError(`${name} must be below 1, so that the rate decreases, got ${number}`);
}

/** Returns `values` when they are an array of finite numbers. */
export function checkNumbers(name: string, values: unknown): readonly number[] {
  if (!Array.isArray(values)) {
    throw new InvalidArgumentError(`${name} must be an array of numbers, got ${describeValue(values)}`);
  }
  return (values as readonly unknown[]).map((value, index) => checkNumber(`${name}[${index}]`, value));
}

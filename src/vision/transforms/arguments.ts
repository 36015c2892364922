/**
 * Checks of arguments that several transforms take.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkInteger, checkNumber, describeValue } from '../../common/options.js';

/** Height and width, or one number for both. */
export type Size = number | readonly [height: number, width: number];

/** Pixels on each side: one number, [left and right, top and bottom], or [left, top, right, bottom]. */
export type Padding = number | readonly [number, number] | readonly [number, number, number, number];

/** One value for all channels, or one for each. */
export type Fill = number | readonly number[];

/** Throws unless `value` is an array of one of the given lengths. */
function checkList(name: string, value: unknown, lengths: readonly number[]): readonly unknown[] {
  if (Array.isArray(value) && lengths.includes(value.length)) return value as unknown[];
  throw new InvalidArgumentError(
    `${name} must be an array of ${lengths.join(' or ')} numbers, got ${describeValue(value)}`,
  );
}

/** Height and width. */
export function checkSize(name: string, size: Size): readonly [height: number, width: number] {
  if (typeof size === 'number') return [checkInteger(name, size, 1), size];
  if (!Array.isArray(size)) {
    throw new InvalidArgumentError(`${name} must be a number or [height, width], got ${describeValue(size)}`);
  }
  const [height, width] = checkList(name, size, [2]);
  return [checkInteger(`${name}[0]`, height, 1), checkInteger(`${name}[1]`, width, 1)];
}

/** Pixels left, on top, right and at the bottom. */
export function checkPadding(name: string, padding: Padding): readonly [number, number, number, number] {
  if (typeof padding === 'number') {
    checkInteger(name, padding, 0);
    return [padding, padding, padding, padding];
  }
  const [a, b, c, d] = checkList(name, padding, [2, 4]).map((one, index) => checkInteger(`${name}[${index}]`, one, 0));
  return c === undefined ? [a ?? 0, b ?? 0, a ?? 0, b ?? 0] : [a ?? 0, b ?? 0, c, d ?? 0];
}

/** One value or several. */
export function checkFill(name: string, fill: Fill): readonly number[] {
  if (typeof fill === 'number') return [checkNumber(name, fill)];
  if (!Array.isArray(fill) || fill.length === 0) {
    throw new InvalidArgumentError(`${name} must be a number or an array of numbers, got ${describeValue(fill)}`);
  }
  return (fill as readonly unknown[]).map((one, index) => checkNumber(`${name}[${index}]`, one));
}

/** Two numbers of which the first is not above the second. */
export function checkRange(
  name: string,
  value: unknown,
  minimum = -Infinity,
  maximum = Infinity,
): readonly [number, number] {
  const [low, high] = checkList(name, value, [2]).map((one, index) =>
    checkNumber(`${name}[${index}]`, one, minimum, maximum),
  );
  if ((low ?? 0) > (high ?? 0)) {
    throw new InvalidArgumentError(`${name} must be [smallest, largest], got ${describeValue(value)}`);
  }
  return [low ?? 0, high ?? 0];
}

/** A place [x, y]. */
export function checkPoint(name: string, point: unknown): readonly [x: number, y: number] {
  const [x, y] = checkList(name, point, [2]);
  return [checkNumber(`${name}[0]`, x), checkNumber(`${name}[1]`, y)];
}

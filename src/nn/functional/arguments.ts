/**
 * What many of the functions do with their options.
 *
 * @module
 */
import { ShapeMismatchError } from '../../common/errors.js';
import { sameShape } from '../../common/ndarray.js';
import { checkNumber, checkOptions } from '../../common/options.js';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Options that are all numbers, with defaults for those that are missing.
 *
 * @param where - what the options belong to, such as `ELU`
 */
export function numbersOf<const Names extends string>(
  where: string,
  options: Readonly<Partial<Record<Names, number>>>,
  defaults: Readonly<Record<Names, number>>,
): Record<Names, number> {
  const names = Object.keys(defaults) as Names[];
  checkOptions(where, options, names);
  const numbers = names.map((name) => [name, checkNumber(name, options[name] ?? defaults[name])]);
  return Object.fromEntries(numbers) as Record<Names, number>;
}

/** A number as Python prints a float. */
export function floatText(value: number): string {
  if (Number.isInteger(value)) return value.toFixed(1);
  const text = value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e-(\d)$/, 'e-0$1');
}

/** Throws unless both tensors have the same shape. */
export function checkSameShape(where: string, a: Tensor, b: Tensor, names: readonly [string, string]): void {
  if (sameShape(a.shape, b.shape)) return;
  throw new ShapeMismatchError(
    `${where} needs ${names[0]} and ${names[1]} of one shape, got [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`,
  );
}

/** Throws unless a tensor has one of the given numbers of axes. */
export function checkAxes(where: string, name: string, x: Tensor, ranks: readonly number[]): void {
  if (ranks.includes(x.rank)) return;
  throw new ShapeMismatchError(
    `${where} takes ${name} of ${ranks.join(' or ')} axes, got shape [${x.shape.join(', ')}]`,
  );
}

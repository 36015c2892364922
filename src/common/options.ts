/**
 * Checks of arguments where they enter the library.
 *
 * @module
 */
import { InvalidArgumentError, UnknownOptionError } from './errors.js';

/** A short text of any value for an error message. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object') {
    return typeof value === 'function' ? `function ${value.name || '(anonymous)'}` : String(value);
  }
  if (Array.isArray(value)) {
    const shown = value.slice(0, 8).map(describeValue).join(', ');
    return `[${shown}${value.length > 8 ? `, ... ${value.length} items` : ''}]`;
  }
  const name = (value.constructor as { name?: string } | undefined)?.name;
  const { shape } = value as { shape?: unknown };
  if (Array.isArray(shape)) return `${name ?? 'object'} of shape [${shape.join(', ')}]`;
  return name && name !== 'Object'
    ? `an instance of ${name}`
    : `an object with keys ${describeValue(Object.keys(value))}`;
}

/** Number of single-character edits between two words (Levenshtein distance). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** The known name nearest to `name`, or undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll('_', '');
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain(name), plain(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Throws when `options` is not a plain options object or holds a name outside `known`.
 *
 * @param where - what the options belong to, such as `Conv2D` or `Model.fit`
 * @throws `UnknownOptionError` naming the nearest known option
 */
export function checkOptions(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new InvalidArgumentError(`${where} takes an options object, got ${describeValue(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    const hint = near ? `did you mean '${near}'?` : `known are ${known.join(', ')}`;
    throw new UnknownOptionError(`${where} has no option '${name}'; ${hint}`);
  }
}

function fail(name: string, expected: string, value: unknown): never {
  throw new InvalidArgumentError(`${name} must be ${expected}, got ${describeValue(value)}`);
}

/** Returns `value` when it is an integer of at least `minimum`. */
export function checkInteger(name: string, value: unknown, minimum = Number.MIN_SAFE_INTEGER): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum) return value;
  const kind = minimum === 1 ? 'a positive integer' : minimum === 0 ? 'a non-negative integer' : 'an integer';
  return fail(name, minimum > 1 ? `an integer of at least ${minimum}` : kind, value);
}

/** Returns `value` when it is a finite number within [`minimum`, `maximum`]. */
export function checkNumber(name: string, value: unknown, minimum = -Infinity, maximum = Infinity): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= minimum && value <= maximum) return value;
  const range =
    minimum === -Infinity && maximum === Infinity
      ? 'a finite number'
      : maximum === Infinity
        ? `a number of at least ${minimum}`
        : `a number between ${minimum} and ${maximum}`;
  return fail(name, range, value);
}

/** Returns `value` when it is a boolean. */
export function checkBoolean(name: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : fail(name, 'true or false', value);
}

/** Returns `value` when it is one of `choices`. */
export function checkChoice<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T;
  return fail(name, `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`, value);
}

/** Returns `value` when it is a function. */
export function checkFunction<T>(name: string, value: T): T {
  return typeof value === 'function' ? value : fail(name, 'a function', value);
}

/** Returns `value` when it is a text that is not empty, as a path has to be. */
export function checkPath(name: string, value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : fail(name, 'a path', value);
}

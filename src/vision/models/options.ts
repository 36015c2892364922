/**
 * Options that the networks share.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions, describeValue } from '../../common/options.js';

/** Options of every network that ends in a pool and a classifier. */
export interface ClassifierOptions {
  /** Length of the output; 0 or less leaves the classifier out. @defaultValue 1000 */
  readonly numClasses?: number;
  /** Whether there is a pool before the classifier. @defaultValue true */
  readonly withPool?: boolean;
}

/** The checked {@link ClassifierOptions}; `more` names the options that the network has besides. */
export function classifierOptions(
  network: string,
  options: ClassifierOptions,
  more: readonly string[] = [],
): Required<ClassifierOptions> {
  checkOptions(network, options, [...more, 'numClasses', 'withPool']);
  return {
    numClasses: checkInteger('numClasses', options.numClasses ?? 1000),
    withPool: checkBoolean('withPool', options.withPool ?? true),
  };
}

/**
 * The entry of a table that an option chooses.
 *
 * @throws `InvalidArgumentError` that lists the keys, when there is no such entry
 */
export function choose<Key, Entry>(name: string, key: Key, table: ReadonlyMap<Key, Entry>): Entry {
  const entry = table.get(key);
  if (entry !== undefined) return entry;
  const known = [...table.keys()].map(describeValue).join(', ');
  throw new InvalidArgumentError(`${name} must be one of ${known}, got ${describeValue(key)}`);
}

/** Options of the networks whose channels scale. */
export interface ScaledOptions extends ClassifierOptions {
  /** Factor on the channels of every layer; there are trained weights for 1 alone. @defaultValue 1 */
  readonly scale?: number;
}

/** The checked {@link ScaledOptions}. */
export function scaledOptions(network: string, options: ScaledOptions): Required<ScaledOptions> {
  const scale = checkNumber('scale', options.scale ?? 1, 0);
  return { ...classifierOptions(network, options, ['scale']), scale };
}

/** The multiple of 8 that is nearest to a number of channels, but at least 8 and nine tenths of it. */
export function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/**
 * Options that the networks share.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkBoolean, checkInteger, checkOptions, describeValue } from '../../common/options.js';

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

import { InvalidArgumentError } from '../../common/errors.js';
import { describeValue } from '../../common/options.js';
import { Initializer } from './initializer.js';

let globalWeight: Initializer | null = null;
let globalBias: Initializer | null = null;

/**
 * Replaces the default initialisers of all layers made from now on. A `ParamAttr` that names an initialiser wins.
 *
 * @param weightInit - for weights; null for the layers' own
 * @param biasInit - for biases; null for the layers' own
 */
export function setGlobalInitializer(weightInit: Initializer | null, biasInit: Initializer | null = null): void {
  for (const [name, initializer] of Object.entries({ weightInit, biasInit })) {
    if (initializer === null || initializer instanceof Initializer) continue;
    throw new InvalidArgumentError(`${name} must be an Initializer or null, got ${describeValue(initializer)}`);
  }
  globalWeight = weightInit;
  globalBias = biasInit;
}

/** The initialiser set by {@link setGlobalInitializer}, or null. */
export function globalInitializer(isBias: boolean): Initializer | null {
  return isBias ? globalBias : globalWeight;
}

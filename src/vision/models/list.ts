/**
 * Names of the networks.
 *
 * @module
 */
import { isBuilder } from './pretrained.js';
import * as registry from './registry.js';

/**
 * Names of all builders of this module, in alphabetical order. `LeNet`, a class without a builder, is not among them.
 *
 * @example
 * ```ts
 * listModels().filter((name) => name.startsWith('resnet'));
 * ```
 */
export function listModels(): string[] {
  return Object.entries(registry)
    .filter(([, value]) => isBuilder(value))
    .map(([name]) => name)
    .sort();
}

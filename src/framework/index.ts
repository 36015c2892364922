/**
 * Saving and loading of objects with tensors.
 *
 * @module
 */
export { load, type LoadOptions } from './load.js';
export { save, type Saveable, type SaveOptions } from './save.js';
export type { PickleProtocol } from '../serialization/index.js';

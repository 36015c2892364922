/**
 * Paddle's files: pickles of plain data and numpy arrays.
 *
 * @module
 */
export * from './files.js';
export * from './pickle-decoder.js';
export * from './pickle-encoder.js';
export * from './state-dict.js';
export * from './values.js';
export { bfloat16ToFloat32 } from './numpy.js';

/**
 * Networks for images.
 *
 * @module
 */
export { LeNet, type LeNetOptions } from './lenet.js';

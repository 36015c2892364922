/**
 * Data sets of images.
 *
 * @module
 */
export { FashionMNIST, MNIST, type MNISTOptions } from './mnist.js';

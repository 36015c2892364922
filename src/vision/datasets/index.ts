/**
 * Data sets of images.
 *
 * @module
 */
export { Cifar10, Cifar100, type CifarOptions } from './cifar.js';
export { DatasetFolder, ImageFolder, type FolderOptions } from './folder.js';
export { FashionMNIST, MNIST, type MNISTOptions } from './mnist.js';

/**
 * Data sets of images.
 *
 * @module
 */
export { Cifar10, Cifar100, type CifarOptions } from './cifar.js';
export { Flowers, type FlowersOptions } from './flowers.js';
export { DatasetFolder, ImageFolder, type FolderOptions } from './folder.js';
export { FashionMNIST, MNIST, type MNISTOptions } from './mnist.js';
export { VOC2012, type VOC2012Options } from './voc2012.js';
export type { SplitMode } from './split-dataset.js';

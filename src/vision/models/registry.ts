/**
 * All networks, one file each. A builder in a file that stands here is in `listModels()`.
 *
 * @module
 */
export * from './alexnet.js';
export * from './googlenet.js';
export * from './lenet.js';
export * from './resnet.js';
export * from './vgg.js';

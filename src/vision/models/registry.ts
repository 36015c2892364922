/**
 * All networks, one file each. A builder in a file that stands here is in `listModels()`.
 *
 * @module
 */
export * from './alexnet.js';
export * from './densenet.js';
export * from './googlenet.js';
export * from './inceptionv3.js';
export * from './lenet.js';
export * from './mobilenetv1.js';
export * from './mobilenetv2.js';
export * from './mobilenetv3.js';
export * from './resnet.js';
export * from './shufflenetv2.js';
export * from './squeezenet.js';
export * from './vgg.js';

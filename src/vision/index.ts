/**
 * Models, data sets and transforms for images.
 *
 * @module
 */
export * as datasets from './datasets/index.js';
export { getImageBackend, setImageBackend, type ImageBackend } from './image-backend.js';
export { imageLoad, type BackendImages } from './image-load.js';
export { Image } from './image.js';
export { ImageTensor } from './image-tensor.js';
export * as models from './models/index.js';
export * as ops from './ops/index.js';
export * as transforms from './transforms/index.js';

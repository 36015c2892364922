/**
 * Transforms of images.
 *
 * @module
 */
export * as functional from './functional.js';
export { normalize, toTensor, type ChannelOrder, type NormalizeOptions, type ToTensorOptions } from './functional.js';
export {
  BaseTransform,
  type ImageLike,
  type ImageTransform,
  type Transform,
  type TransformOptions,
} from './transform.js';
export {
  Compose,
  Normalize,
  ToTensor,
  Transpose,
  type NormalizeTransformOptions,
  type TransposeOptions,
} from './transforms.js';

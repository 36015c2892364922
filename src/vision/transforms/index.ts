/**
 * Transforms of images.
 *
 * @module
 */
export * as functional from './functional/index.js';
export * from './functional/index.js';
export type { Fill, Padding, Size } from './arguments.js';
export { RandAugment, TrivialAugment, type RandAugmentOptions, type TrivialAugmentOptions } from './auto-augment.js';
export {
  BrightnessTransform,
  ColorJitter,
  ContrastTransform,
  Grayscale,
  HueTransform,
  SaturationTransform,
  type ColorJitterOptions,
  type GrayscaleTransformOptions,
  type JitterRange,
} from './color.js';
export { CenterCrop, Pad, Resize, type PadTransformOptions, type ResizeTransformOptions } from './geometry.js';
export { CutMix, Mixup, type MixableSample, type MixedSample, type MixOptions } from './mix.js';
export {
  RandomCrop,
  RandomHorizontalFlip,
  RandomResizedCrop,
  RandomVerticalFlip,
  type RandomCropOptions,
  type RandomFlipOptions,
  type RandomResizedCropOptions,
} from './random-crop.js';
export {
  RandomAffine,
  RandomPerspective,
  type RandomAffineOptions,
  type RandomPerspectiveOptions,
} from './random-warp.js';
export {
  RandomErasing,
  RandomRotation,
  type RandomErasingOptions,
  type RandomRotationOptions,
} from './random-rotation.js';
export type { WarpInterpolation } from './resampling/warp.js';
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

/**
 * The transforms as functions.
 *
 * @module
 */
export * from './color.js';
export * from './conversion.js';
export {
  centerCrop,
  crop,
  erase,
  hflip,
  pad,
  vflip,
  type EraseOptions,
  type PaddingMode,
  type PadOptions,
} from './geometry.js';
export { resize, type Interpolation, type ResizeOptions } from './resize.js';
export { rotate, type RotateOptions } from './rotate.js';
export { adjustSharpness } from './sharpness.js';
export { autocontrast, equalize, posterize, solarize } from './tone.js';
export { affine, type AffineOptions } from './affine.js';
export { perspective, type Corners, type PerspectiveOptions } from './perspective.js';

/**
 * Operations on boxes, regions and image files.
 *
 * @module
 */
export { boxCoder, nms, type BoxCoderOptions, type NmsOptions } from './boxes.js';
export { ConvNormActivation, type ConvNormActivationOptions } from './conv-norm-activation.js';
export { deformConv2d, DeformConv2D, type DeformConv2dOptions, type DeformConv2DOptions } from './deform-conv.js';
export { decodeJpeg, readFile, type DecodeJpegOptions } from './files.js';
export { roiAlign, RoIAlign, roiPool, RoIPool, type RoiAlignOptions, type RoiPoolOptions } from './regions.js';

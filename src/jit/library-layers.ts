/**
 * The layers of this library.
 *
 * @module
 */
import * as nn from '../nn/index.js';
import { Layer, type AnyLayer } from '../nn/layer/layer.js';
import { declareRecordable, isRecordable } from '../nn/layer/recordable.js';
import * as ops from '../vision/ops/index.js';

declareRecordable(...Object.values({ ...nn, ...ops }).filter(isLayerClass));

function isLayerClass(value: unknown): value is typeof Layer {
  return typeof value === 'function' && value.prototype instanceof Layer;
}

/** True for a layer of a class of this library that computes what the class says. */
export function isLibraryLayer(layer: AnyLayer): boolean {
  return isRecordable(layer);
}

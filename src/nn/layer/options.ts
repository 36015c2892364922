/**
 * Options of the methods of layers.
 *
 * @module
 */
import type { Device } from '../../device/index.js';
import type { Initializer } from '../initializer/initializer.js';
import type { ParamAttrLike } from '../param-attr.js';

/** Options of a layer's constructor. */
export interface LayerOptions {
  /** Start of the layer's full name. @defaultValue the class name in snake case */
  readonly nameScope?: string | null;
}

/** Options of `Layer.createParameter`. */
export interface CreateParameterOptions {
  /** Attributes, or false for no parameter. @defaultValue null */
  readonly attr?: ParamAttrLike | undefined;
  /** Whether the parameter is a bias: it is named `b` and starts as 0. @defaultValue false */
  readonly isBias?: boolean;
  /** First values, unless the attributes name others. @defaultValue Xavier uniform, 0 for a bias */
  readonly defaultInitializer?: Initializer | null;
}

/** Options of walks over sublayers. */
export interface NamedSublayersOptions {
  /** Start of every name. @defaultValue '' */
  readonly prefix?: string;
  /** Begin with the layer itself. @defaultValue false */
  readonly includeSelf?: boolean;
}

/** Options of walks over parameters and buffers. */
export interface NamedParametersOptions {
  /** Start of every name. @defaultValue '' */
  readonly prefix?: string;
  /** Go into sublayers. @defaultValue true */
  readonly includeSublayers?: boolean;
}

/** Options of `Layer.stateDict`. */
export interface StateDictOptions {
  /** Go into sublayers. @defaultValue true */
  readonly includeSublayers?: boolean;
  /** Start of every key. @defaultValue '' */
  readonly structuredNamePrefix?: string;
}

/** Options of `Layer.setStateDict`. */
export interface SetStateDictOptions {
  /** Match by structured names; false matches by the parameters' own names. @defaultValue true */
  readonly useStructuredName?: boolean;
}

/** Options of `Layer.to`. */
export interface ToOptions {
  /** The device in use. @defaultValue the device in use */
  readonly device?: Device;
  /** The only type of parameters. @defaultValue 'float32' */
  readonly dtype?: 'float32';
  /** Accepted for compatibility. @defaultValue true */
  readonly blocking?: boolean;
}

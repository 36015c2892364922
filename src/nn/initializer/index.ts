/**
 * First values of parameters.
 *
 * @module
 */
export { Assign, Constant, type ConstantOptions } from './constant.js';
export {
  calculateGain,
  KaimingNormal,
  KaimingUniform,
  XavierNormal,
  XavierUniform,
  type KaimingOptions,
  type Nonlinearity,
  type XavierOptions,
} from './fan.js';
export { setGlobalInitializer } from './global.js';
export { Initializer } from './initializer.js';
export { Bilinear, Dirac, Orthogonal, type DiracOptions, type OrthogonalOptions } from './structured.js';
export {
  Normal,
  TruncatedNormal,
  Uniform,
  type NormalOptions,
  type TruncatedNormalOptions,
  type UniformOptions,
} from './random.js';

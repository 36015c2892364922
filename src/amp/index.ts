/**
 * Paddle's automatic mixed precision. Its calls are accepted; everything is computed in `float32`.
 *
 * @module
 */
export {
  autoCast,
  getAutocastCpuDtype,
  getAutocastDtype,
  getAutocastGpuDtype,
  isAutocastEnabled,
  isBfloat16Supported,
  isFloat16Supported,
  type AmpDType,
  type AmpLevel,
  type AutoCastOptions,
} from './auto-cast.js';
export { decorate, type DecorateOptions } from './decorate.js';
export { GradScaler, type GradScalerOptions } from './grad-scaler.js';

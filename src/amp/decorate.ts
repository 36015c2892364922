import { checkChoice, checkOptions } from '../common/options.js';
import { dtypes, levels, type AmpDType, type AmpLevel } from './auto-cast.js';
import { noteSinglePrecision } from './notice.js';

/** Options of {@link decorate}. All but `optimizers` are accepted for compatibility. */
export interface DecorateOptions<Optimizers = null> {
  /** An optimizer or several, to be returned with the models. @defaultValue null */
  readonly optimizers?: Optimizers;
  /** How much is computed in half precision. @defaultValue 'O1' */
  readonly level?: AmpLevel;
  /** Type of half precision. @defaultValue 'float16' */
  readonly dtype?: AmpDType;
  /** Whether optimizers keep weights of single precision. @defaultValue null */
  readonly masterWeight?: boolean | null;
  /** Type of saved weights. @defaultValue null */
  readonly saveDtype?: string | null;
  /** Whether gradients are of single precision. @defaultValue false */
  readonly masterGrad?: boolean;
  /** Layers that stay in single precision. @defaultValue null */
  readonly excludedLayers?: unknown;
}

/**
 * Paddle's preparation of models for mixed precision. They stay in `float32`; the first call says so.
 *
 * @param models - a network or several
 * @returns the models, or with `optimizers` a pair of models and optimizers
 */
export function decorate<Models>(models: Models, options?: DecorateOptions): Models;
export function decorate<Models, Optimizers extends object>(
  models: Models,
  options: DecorateOptions<Optimizers>,
): [Models, Optimizers];
export function decorate(models: unknown, options: DecorateOptions<unknown> = {}): unknown {
  const own = ['optimizers', 'level', 'dtype', 'masterWeight', 'saveDtype', 'masterGrad', 'excludedLayers'];
  checkOptions('decorate', options, own);
  checkChoice('level', options.level ?? 'O1', levels);
  checkChoice('dtype', options.dtype ?? 'float16', dtypes);
  noteSinglePrecision('decorate');
  return options.optimizers == null ? models : [models, options.optimizers];
}

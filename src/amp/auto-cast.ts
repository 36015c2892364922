import { checkBoolean, checkChoice, checkFunction, checkOptions } from '../common/options.js';
import { noteSinglePrecision } from './notice.js';

/** Levels of mixed precision in Paddle. */
export type AmpLevel = 'O0' | 'OD' | 'O1' | 'O2';

/** Element types of mixed precision in Paddle. */
export type AmpDType = 'float16' | 'bfloat16';

export const levels = ['O0', 'OD', 'O1', 'O2'] as const;
export const dtypes = ['float16', 'bfloat16'] as const;

/** Options of {@link autoCast}. All but `enable` are accepted for compatibility. */
export interface AutoCastOptions {
  /** False for a part without mixed precision. @defaultValue true */
  readonly enable?: boolean;
  /** Operations for half precision. @defaultValue null */
  readonly customWhiteList?: Iterable<string> | null;
  /** Operations for single precision. @defaultValue null */
  readonly customBlackList?: Iterable<string> | null;
  /** How much is computed in half precision. @defaultValue 'O1' */
  readonly level?: AmpLevel;
  /** Type of half precision. @defaultValue 'float16' */
  readonly dtype?: AmpDType;
  /** Whether other operations take the wider type of their inputs. @defaultValue true */
  readonly usePromote?: boolean;
}

let enabled = false;

/**
 * Runs a function as the body of Paddle's `with paddle.amp.auto_cast():`. It computes in `float32` all the same, and says
 * so once.
 *
 * @param fn - a synchronous function
 * @returns what it returns
 *
 * @example
 * ```ts
 * const loss = autoCast(() => criterion.forward(network.forward(image), label));
 * ```
 */
export function autoCast<T>(fn: () => T, options: AutoCastOptions = {}): T {
  const names = ['enable', 'customWhiteList', 'customBlackList', 'level', 'dtype', 'usePromote'];
  checkOptions('autoCast', options, names);
  checkFunction('fn', fn);
  const enable = checkBoolean('enable', options.enable ?? true);
  const level = checkChoice('level', options.level ?? 'O1', levels);
  checkChoice('dtype', options.dtype ?? 'float16', dtypes);
  if (enable) noteSinglePrecision('autoCast');
  const outer = enabled;
  enabled = enable && level !== 'O0';
  try {
    return fn();
  } finally {
    enabled = outer;
  }
}

/** True within an {@link autoCast} that is enabled. */
export function isAutocastEnabled(): boolean {
  return enabled;
}

/** The type that {@link autoCast} computes in. */
export function getAutocastDtype(): 'float32' {
  return 'float32';
}

/** The type that {@link autoCast} computes in on a CPU. */
export function getAutocastCpuDtype(): 'float32' {
  return 'float32';
}

/** The type that {@link autoCast} computes in on a GPU. */
export function getAutocastGpuDtype(): 'float32' {
  return 'float32';
}

/** Whether a device computes in `float16`: none does. */
export function isFloat16Supported(_device?: string | null): boolean {
  return false;
}

/** Whether a device computes in `bfloat16`: none does. */
export function isBfloat16Supported(_device?: string | null): boolean {
  return false;
}

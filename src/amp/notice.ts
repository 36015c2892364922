import { warn } from '../common/warn.js';

let said = false;

/** Says once that there is no half precision. */
export function noteSinglePrecision(what: string): void {
  if (said) return;
  said = true;
  warn(`${what}: there is no half precision here, everything is computed in float32`);
}

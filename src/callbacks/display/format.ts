/**
 * Texts of progress, in Paddle's format.
 *
 * @module
 */
import type { LogValue } from '../../model/events.js';

/** A named value beside the progress. */
export type NamedValue = readonly [name: string, value: LogValue | string];

/**
 * A number with `digits` decimals, exact ties to the even digit as C's printf rounds them (`toFixed` rounds them up).
 */
function toFixedEven(value: number, digits: number): string {
  const scaled = Math.abs(value) * 10 ** digits;
  // Only a multiple of 2^-(digits + 1) can lie exactly half-way.
  const isTie = scaled % 1 === 0.5 && Number.isInteger(value * 2 ** (digits + 1));
  const isRoundedUp = isTie && Math.floor(scaled) % 2 === 0;
  return isRoundedUp ? ((Math.sign(value) * Math.floor(scaled)) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

/** Four decimals, or an exponent for small numbers: `0.1234`, `1.0000e-05`. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Math.abs(value) > 1e-3) return toFixedEven(value, 4);
  return value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A number as Python's `repr` writes it: `0.001`, `1e-05`, `1.0`. */
export function formatPythonFloat(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** ` - loss: 0.1234 - acc: 0.5000`. */
export function formatValues(values: readonly NamedValue[]): string {
  return values
    .map(([name, value]) => {
      if (typeof value === 'string') return ` - ${name}: ${value}`;
      const numbers = typeof value === 'number' ? [value] : value;
      return ` - ${name}: ${numbers.map(formatNumber).join(' ')}`;
    })
    .join('');
}

/** ` - 3ms/step`. */
export function formatSpeed(secondsPerStep: number): string {
  if (secondsPerStep >= 1 || secondsPerStep === 0) return ` - ${toFixedEven(secondsPerStep, 0)}s/step`;
  if (secondsPerStep >= 1e-3) return ` - ${toFixedEven(secondsPerStep * 1e3, 0)}ms/step`;
  return ` - ${toFixedEven(secondsPerStep * 1e6, 0)}us/step`;
}

/** ` - 812 samples/sec`, or nothing when it is not known. */
export function formatThroughput(samplesPerSecond: number): string {
  if (!Number.isFinite(samplesPerSecond) || samplesPerSecond <= 0) return '';
  const digits = samplesPerSecond >= 100 ? samplesPerSecond.toFixed(0) : samplesPerSecond.toPrecision(3);
  return ` - ${digits} samples/sec`;
}

/** `12s`, `1:05` or `2:01:05`. */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (whole > 3600) return `${hours}:${twoDigits(minutes)}:${twoDigits(whole % 60)}`;
  if (whole > 60) return `${minutes}:${twoDigits(whole % 60)}`;
  return `${whole}s`;
}

/** `step  3/938`, or `step   3` when the number of steps is unknown. */
export function formatStep(step: number, steps: number | undefined): string {
  if (steps === undefined) return `step ${String(step).padStart(3)}`;
  return `step ${String(step).padStart(String(steps).length)}/${steps}`;
}

/** `[====>.....]`: how much of the steps is done. */
export function formatBar(step: number, steps: number, width: number): string {
  const done = Math.min(width, Math.floor((width * step) / steps));
  const head = step < steps ? '>' : '=';
  return `[${done > 0 ? '='.repeat(done - 1) + head : ''}${'.'.repeat(width - done)}]`;
}

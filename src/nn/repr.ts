/**
 * How layers print their options.
 *
 * @module
 */
import { describeValue } from '../common/options.js';

/** An option as Python prints it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return typeof value === 'string' ? value : describeValue(value);
}

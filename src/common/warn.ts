/**
 * Warnings.
 *
 * @module
 */

/** Emits a warning of the library through Node's warnings (`process.on('warning')`, `NODE_NO_WARNINGS=1`). */
export function warn(message: string): void {
  process.emitWarning(message, 'PaddlewheelWarning');
}

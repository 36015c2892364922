/**
 * Where the native build of the kernels lies, and which sources it is made of.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeviceError } from '../common/errors.js';

/** Where the package keeps the native build for this platform. */
export const packagedAddon = fileURLToPath(
  new URL(`../../prebuilds/${process.platform}-${process.arch}/paddlewheel.node`, import.meta.url),
);

/** The native build to load: that of the variable PADDLEWHEEL_ADDON, else the one in the package. */
export function addonFile(): string {
  const asked = process.env.PADDLEWHEEL_ADDON;
  return asked ? path.resolve(asked) : packagedAddon;
}

/** What a native build was made of. */
export interface Stamp {
  /** Hash of the sources of the kernels. */
  readonly sources: string;
  /** Hash of the flags of the compiler. */
  readonly flags: string;
}

/** A stamp as text, which the compiler puts into the file. */
export function stampText({ sources, flags }: Stamp): string {
  return `paddlewheel kernels ${sources} ${flags}`;
}

/** The stamp of a native build; undefined when the file is not one. Nothing of the file is run. */
export function readStamp(file: string): Stamp | undefined {
  const found = /paddlewheel kernels ([0-9a-f]{16}) ([0-9a-f]{16})/.exec(readFileSync(file, 'latin1'));
  return found ? { sources: found[1]!, flags: found[2]! } : undefined;
}

/**
 * Hash of the sources that this package works with: those of its WebAssembly build. A native build of others may take
 * other arguments.
 */
export function expectedSources(): string {
  const file = new URL('../../generated/kernels.json', import.meta.url);
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { sources: string }).sources;
  } catch (error) {
    throw new DeviceError(`${fileURLToPath(file)} cannot be read; install the package anew, or run npm run build`, {
      cause: error,
    });
  }
}

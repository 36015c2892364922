/**
 * Where the native build of the kernels lies.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';

/** The native build for this platform, if there is one. */
export const addonFile = fileURLToPath(
  new URL(`../../prebuilds/${process.platform}-${process.arch}/paddlewheel.node`, import.meta.url),
);

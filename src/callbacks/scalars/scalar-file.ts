/**
 * Files of scalars.
 *
 * @module
 */

/** A value under a name. */
export type Scalar = readonly [tag: string, value: number];

/** A file that takes scalars and is readable at any time. */
export interface ScalarFile {
  /** Adds values of a step. */
  write(scalars: readonly Scalar[], step: number): void;
  /** Closes the file. */
  close(): void;
}

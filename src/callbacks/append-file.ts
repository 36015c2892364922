/**
 * Files that grow while a run goes on.
 *
 * @module
 */
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';

/**
 * A file that bytes are appended to. What `write` was given is with the operating system when it returns, whole and at
 * the end, so that it outlives the process.
 */
export class AppendFile {
  readonly #descriptor: number;
  #isOpen = true;

  /** Opens a file; it and its folders are created. */
  constructor(file: string) {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    this.#descriptor = openSync(file, 'a+');
  }

  /** Bytes in the file. */
  get length(): number {
    return fstatSync(this.#descriptor).size;
  }

  /** Up to `length` bytes from `position` on. */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, length, position));
  }

  /** Cuts the file to `length` bytes. */
  truncate(length: number): void {
    ftruncateSync(this.#descriptor, length);
  }

  /** Appends bytes. */
  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done);
  }

  /** Closes the file; a second call does nothing. */
  close(): void {
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
  }
}

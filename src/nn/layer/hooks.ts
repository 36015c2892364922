/**
 * Functions that run before and after a layer.
 *
 * @module
 */

/** Takes a hook away again. */
export interface HookHandle {
  /** Removes the hook; calling it again does nothing. */
  remove(): void;
}

/** Hooks in the order in which they were registered. */
export class HookList<Hook> {
  readonly #hooks = new Map<HookHandle, Hook>();

  get isEmpty(): boolean {
    return this.#hooks.size === 0;
  }

  add(hook: Hook): HookHandle {
    const handle: HookHandle = { remove: () => void this.#hooks.delete(handle) };
    this.#hooks.set(handle, hook);
    return handle;
  }

  [Symbol.iterator](): IterableIterator<Hook> {
    return this.#hooks.values();
  }
}

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
  readonly #hooks = new Set<{ readonly hook: Hook }>();

  add(hook: Hook): HookHandle {
    const entry = { hook };
    this.#hooks.add(entry);
    return { remove: () => void this.#hooks.delete(entry) };
  }

  *[Symbol.iterator](): Generator<Hook> {
    for (const { hook } of this.#hooks) yield hook;
  }
}

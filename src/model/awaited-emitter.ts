/**
 * An event emitter that waits for its listeners.
 *
 * @module
 */
import { EventEmitter } from 'eventemitter3';
import { isPromiseLike } from './promises.js';

/** Listeners by event name: what they return, also a promise, is up to them. */
export type ListenersOf<Events extends Record<keyof Events, unknown[]>> = {
  [Name in keyof Events]: (...args: Events[Name]) => unknown;
};

/** A listener as eventemitter3 keeps it. */
interface Registration {
  readonly fn: (...args: unknown[]) => unknown;
  readonly context: unknown;
  readonly once: boolean;
}

/**
 * A typed `EventEmitter` of eventemitter3 whose {@link AwaitedEmitter.emitAwaited} waits for what listeners return.
 *
 * @typeParam Events - arguments by event name
 */
export class AwaitedEmitter<Events extends Record<keyof Events, unknown[]>> extends EventEmitter<ListenersOf<Events>> {
  /**
   * Calls the listeners of an event one after the other, each when the promise of the one before has resolved.
   *
   * Rejects with the first error, thrown or rejected; later listeners are then not called.
   */
  async emitAwaited<Name extends keyof Events & string>(event: Name, ...args: Events[Name]): Promise<void> {
    for (const { fn, context, once } of this.#registrations(event)) {
      if (once) this.#remove(event, fn);
      const result = fn.apply(context, args);
      if (isPromiseLike(result)) await result;
    }
  }

  /** `listeners()` tells neither contexts nor what was added by `once`, so this reads the record behind it. */
  #registrations(event: string): Registration[] {
    const { _events } = this as unknown as { _events: Record<string, Registration | Registration[] | undefined> };
    const found = _events[event] ?? [];
    return Array.isArray(found) ? [...found] : [found];
  }

  #remove(event: string, fn: Registration['fn']): void {
    (this as unknown as EventEmitter).removeListener(event, fn, undefined, true);
  }
}

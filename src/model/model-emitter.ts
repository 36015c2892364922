/**
 * An event emitter that waits for its listeners.
 *
 * @module
 */
import { EventEmitter } from 'eventemitter3';
import type { ModelEventName, ModelEvents } from './events.js';
import { isPromiseLike } from './promises.js';

/** Listens to an event; where it returns a promise, the run waits for it. */
export type ModelListener<Name extends ModelEventName> = (...args: ModelEvents[Name]) => unknown;

/** A listener as eventemitter3 keeps it. */
interface Registration<Name extends ModelEventName> {
  readonly fn: ModelListener<Name>;
  readonly context: unknown;
  readonly once: boolean;
}

/** The `EventEmitter` of eventemitter3 with {@link ModelEvents}, able to wait for what listeners return. */
export class ModelEmitter extends EventEmitter<ModelEvents> {
  /** Calls `listener` at every event of the name; where it returns a promise, the run waits for it. */
  override on<Name extends ModelEventName>(event: Name, listener: ModelListener<Name>, context?: unknown): this {
    return super.on(event, listener, context);
  }

  /** The same as {@link ModelEmitter.on}. */
  override addListener<Name extends ModelEventName>(
    event: Name,
    listener: ModelListener<Name>,
    context?: unknown,
  ): this {
    return this.on(event, listener, context);
  }

  /** As {@link ModelEmitter.on}, for the next event alone. */
  override once<Name extends ModelEventName>(event: Name, listener: ModelListener<Name>, context?: unknown): this {
    return super.once(event, listener, context);
  }

  /**
   * Calls the listeners of an event one after the other, each when the promise of the one before has resolved.
   *
   * Rejects with the first error, thrown or rejected; later listeners are then not called.
   */
  async emitAwaited<Name extends ModelEventName>(event: Name, ...args: ModelEvents[Name]): Promise<void> {
    for (const { fn, context, once } of this.#registrations(event)) {
      if (once) this.removeListener(event, fn, undefined, true);
      const result = fn.apply(context, args);
      if (isPromiseLike(result)) await result;
    }
  }

  /** `listeners()` tells neither contexts nor what was added by `once`, so this reads the record behind it. */
  #registrations<Name extends ModelEventName>(event: Name): Registration<Name>[] {
    const { _events } = this as unknown as {
      _events: { [Key in ModelEventName]?: Registration<Key> | Registration<Key>[] };
    };
    const found: Registration<Name> | Registration<Name>[] = _events[event] ?? [];
    return Array.isArray(found) ? [...found] : [found];
  }
}

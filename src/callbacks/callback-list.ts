/**
 * The callbacks of a run.
 *
 * @module
 */
import { warn } from '../common/warn.js';
import type { ModelEvents, RunEventName } from '../model/events.js';
import type { Model } from '../model/model.js';
import { isPromiseLike } from '../model/promises.js';
import type { NamedState } from '../model/training-state.js';
import type { Callback, CallbackHooks, CallbackParams } from './callback.js';

/** The name of a callback's method for an event. */
function hookName<Name extends RunEventName>(event: Name): keyof CallbackHooks {
  return `on${event[0]?.toUpperCase()}${event.slice(1)}` as keyof CallbackHooks;
}

/** Runs the hooks of several callbacks in order. */
export class CallbackList {
  readonly #callbacks: readonly Callback[];

  constructor(callbacks: readonly Callback[], model: Model, params: CallbackParams) {
    this.#callbacks = callbacks;
    for (const callback of callbacks) {
      callback.setParams(params);
      callback.setModel(model);
    }
  }

  /** Calls the hook of an event on each callback, waiting for promises. Rejects with the first error. */
  async notify<Name extends RunEventName>(event: Name, ...args: ModelEvents[Name]): Promise<void> {
    const name = hookName(event);
    for (const callback of this.#callbacks) {
      const result = (callback[name] as (...args: unknown[]) => unknown)(...args);
      if (isPromiseLike(result)) await result;
    }
  }

  /** The states of all callbacks. */
  states(): NamedState[] {
    return this.#callbacks.map((callback) => ({ name: callback.constructor.name, state: callback.stateDict() }));
  }

  /** Restores states; of several callbacks of a class, the first takes the first state. */
  restore(states: readonly NamedState[]): void {
    const left = [...this.#callbacks];
    for (const { name, state } of states) {
      const index = left.findIndex((callback) => callback.constructor.name === name);
      const [callback] = index < 0 ? [] : left.splice(index, 1);
      const isEmpty = Object.keys(state).length === 0;
      if (callback && !isEmpty) callback.setStateDict(state);
      if (!callback && !isEmpty)
        warn(`the checkpoint has the state of a callback ${name}, which this run does not have`);
    }
  }

  /** Closes every callback, also when closing one fails; then rejects with the first error. */
  async close(): Promise<void> {
    const results: PromiseSettledResult<void>[] = [];
    for (const callback of this.#callbacks) {
      results.push(...(await Promise.allSettled([(async () => callback.close())()])));
    }
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

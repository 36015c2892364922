/** A callback that notes every hook: its name, its epoch or step, and its logs. */
import { Callback } from '../../src/callbacks/callback.js';

export type TracedEvent = readonly [name: string, step: number | null, logs: Readonly<Record<string, unknown>> | null];

const hooks = [
  'TrainBegin',
  'TrainEnd',
  'EpochBegin',
  'EpochEnd',
  'TrainBatchBegin',
  'TrainBatchEnd',
  'EvalBegin',
  'EvalEnd',
  'EvalBatchBegin',
  'EvalBatchEnd',
  'PredictBegin',
  'PredictEnd',
  'PredictBatchBegin',
  'PredictBatchEnd',
] as const;

export class Tracer extends Callback {
  readonly events: TracedEvent[] = [];

  constructor() {
    super();
    for (const hook of hooks) {
      const name = hook[0]!.toLowerCase() + hook.slice(1);
      Object.defineProperty(this, `on${hook}`, {
        value: (...args: unknown[]) => {
          const step = args.find((arg) => typeof arg === 'number') ?? null;
          const logs = args.find((arg) => typeof arg === 'object') ?? null;
          this.events.push([name, step, logs as TracedEvent[2]]);
        },
      });
    }
  }
}

import { expectAssignable, expectError, expectType } from 'tsd';
import { Model, type Tensor } from 'paddlewheel';
import {
  Callback,
  EarlyStopping,
  HtmlReport,
  JsonLogger,
  ReduceLROnPlateau,
  TensorBoard,
  VisualDL,
  type CallbackState,
  type Logs,
  type MonitorMode,
  type OnNaN,
} from 'paddlewheel/callbacks';
import { Linear } from 'paddlewheel/nn';

declare const data: readonly (readonly [Tensor, Tensor])[];
const model = new Model(new Linear(2, 3));

expectAssignable<Callback>(new EarlyStopping());
expectAssignable<Callback>(
  new EarlyStopping({ monitor: 'acc', mode: 'max', patience: 3, minDelta: 0, baseline: null }),
);
expectAssignable<Callback>(new ReduceLROnPlateau({ factor: 0.5, patience: 2, cooldown: 1, minLr: 1e-5, verbose: 0 }));
expectAssignable<Callback>(new JsonLogger('log.jsonl', { logFreq: 10 }));
expectAssignable<Callback>(new TensorBoard('runs', { logFreq: 10 }));
expectAssignable<Callback>(new VisualDL('runs'));
expectAssignable<Callback>(new HtmlReport('report.html', { title: 'LeNet', settings: { data: 'MNIST' }, interval: 5 }));
expectType<string>(new EarlyStopping().monitor);

// What is required is required, and unknown names do not compile.
expectError(new JsonLogger());
expectError(new VisualDL());
expectError(new EarlyStopping({ mode: 'best' }));
expectError(new EarlyStopping({ min_delta: 1 }));
expectError(new ReduceLROnPlateau({ minLR: 1 }));
expectError(new HtmlReport('report.html', { settings: { list: [1] } }));

// A loss that is NaN.
expectAssignable<Promise<unknown>>(model.fit(data, null, { onNaN: 'stop' }));
expectError(model.fit(data, null, { onNaN: 'ignore' }));
expectType<'warn' | 'stop'>('stop' as OnNaN);
expectType<'auto' | 'min' | 'max'>('min' as MonitorMode);
model.stopAfterBatch = true;

// State.
class Best extends Callback {
  #best = 0;
  override onEvalEnd(logs: Logs): void {
    this.#best = Math.max(this.#best, Number(logs.acc));
  }
  override stateDict(): CallbackState {
    return { best: this.#best };
  }
  override setStateDict(state: CallbackState): void {
    this.#best = Number(state.best);
  }
}
expectType<CallbackState>(new Best().stateDict());
expectType<unknown>(new Best().stateDict().best);

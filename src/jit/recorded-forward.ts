/**
 * Networks that are computed by recordings where that gives the same.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { isProfiling, isRecording, requiresGradient } from '../autograd/tape.js';
import { engineBackend, type EngineBackend } from '../engine/index.js';
import type { AnyLayer } from '../nn/layer/layer.js';
import { LayerState } from './layer-state.js';
import { RecordedNetwork } from './recorded-network.js';

/** Times that a network is computed by itself for inputs of certain shapes before it is recorded for them. */
const plainTimes = 2;

/** Tries that may come to nothing, or to less than `worthwhile` uses of a recording, before there are no more. */
const vainTries = 8;
const worthwhile = 16;

/** Gives back the memory of recordings that nobody can use any more. */
const abandoned = new FinalizationRegistry<RecordedNetwork>((recorded) => recorded.drop());

/**
 * A network's `forward` for training. After a few calls with inputs of the same shapes it is recorded: the kernels that it
 * and its gradients call, and their memory. From then on these are called without the network's own code, as long as
 * nothing has changed that they depend on.
 */
export class RecordedForward {
  readonly #network: AnyLayer;
  readonly #compute: (...inputs: unknown[]) => unknown;
  readonly #isAllowed: (layer: AnyLayer) => boolean;
  readonly #tell: (reason: string) => void;
  /** The network as it was recorded. */
  #state: LayerState | undefined;
  #recorded: RecordedNetwork | undefined;
  #shapes = '';
  #times = 0;
  #repeats = 0;
  #vainTries = 0;

  /**
   * @param compute - the network's own `forward`
   * @param isAllowed - whether a layer of the network may be recorded
   * @param tell - called, once, when it turns out that the network cannot be recorded
   */
  constructor(
    network: AnyLayer,
    compute: (...inputs: unknown[]) => unknown,
    isAllowed: (layer: AnyLayer) => boolean,
    tell: (reason: string) => void = () => undefined,
  ) {
    this.#tell = tell;
    this.#network = network;
    this.#compute = compute;
    this.#isAllowed = isAllowed;
  }

  /** Computes the network's output. */
  forward(...inputs: unknown[]): unknown {
    const backend = engineBackend();
    if (backend === undefined || this.#vainTries >= vainTries || !isRecordableCall(backend, inputs)) {
      return this.#compute(...inputs);
    }
    const recorded = this.#recorded;
    if (recorded?.accepts(backend, inputs)) {
      if (recorded.isPending) return this.#compute(...inputs);
      if (recorded.isComplete && this.#state?.isCurrent) {
        if (!recorded.isFree) return this.#compute(...inputs);
        this.#repeats++;
        return recorded.repeat(inputs);
      }
      this.#drop();
      if (this.#repeats < worthwhile) this.#vainTries++;
      this.#times = 0;
    }
    const shapes = inputs.map(({ shape, dtype }) => `${dtype} ${shape.join(' ')}`).join();
    this.#times = shapes === this.#shapes ? this.#times + 1 : 1;
    this.#shapes = shapes;
    if (this.#times <= plainTimes || this.#recorded?.isPending) return this.#compute(...inputs);
    return this.#record(backend, inputs);
  }

  #record(backend: EngineBackend, inputs: Tensor[]): unknown {
    this.#drop();
    const state = new LayerState(backend, this.#network);
    if (!Array.from(state.layers).every((layer) => !layer.hasHooks && this.#isAllowed(layer))) {
      this.#times = 0;
      this.#vainTries++;
      return this.#compute(...inputs);
    }
    this.#repeats = 0;
    const recorded = new RecordedNetwork(backend, state.storages, inputs);
    this.#state = state;
    this.#recorded = recorded;
    abandoned.register(this, recorded, this);
    const output = recorded.record(this.#compute, inputs);
    if (recorded.failure !== undefined) {
      this.#tell(recorded.failure);
      this.#drop();
      this.#vainTries = vainTries;
    }
    return output;
  }

  #drop(): void {
    abandoned.unregister(this);
    this.#recorded?.drop();
    this.#recorded = undefined;
    this.#state = undefined;
  }
}

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

/** True where a recording can stand for the computation, as far as the call itself goes. */
function isRecordableCall(backend: EngineBackend, inputs: unknown[]): inputs is Tensor[] {
  if (!isRecording() || isProfiling() || backend.isRecording || inputs.length === 0) return false;
  return inputs.every(
    (input) => isTensor(input) && (input.dtype === 'float32' || input.dtype === 'int32') && !requiresGradient(input),
  );
}

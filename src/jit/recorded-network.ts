/**
 * The computation of a network, recorded once and then repeated.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { grad, leavesOf } from '../autograd/backward.js';
import { isRecording, recordOperation } from '../autograd/tape.js';
import type { TapeNode } from '../autograd/tape-node.js';
import { GradientError } from '../common/errors.js';
import { sameShape } from '../common/ndarray.js';
import { countStreams, nextStream } from '../common/random.js';
import { type EngineBackend, type RecordedCalls, type Storage, type TensorData } from '../engine/index.js';

/** A tensor that is given to a recording, and its memory, which lasts longer. */
interface Entry {
  readonly info: tf.TensorInfo;
  readonly storage: Storage;
}

/** Elements of a gradient in the recording's memory. */
interface Result {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

const noCalls = (): RecordedCalls => ({ list: [], movedBytes: 0 });

const isFloats = (value: unknown): value is Tensor => value instanceof tf.Tensor && value.dtype === 'float32';

/** The tensor of what the engine has made. */
function tensorOf(info: tf.TensorInfo): Tensor {
  return tf.engine().makeTensorFromTensorInfo(info);
}

/**
 * The computation of a network for inputs of certain shapes, and of its gradients, as calls of kernels that can be made
 * again in the same memory.
 *
 * Its life: `record`, the first `backward`, and then, when `isComplete`, `repeat` and `backward` in turn where `isFree`.
 */
export class RecordedNetwork {
  readonly #backend: EngineBackend;
  readonly #recording;
  readonly #inputs: readonly Entry[];
  readonly #forward = noCalls();
  readonly #backward = noCalls();
  /** The result of the first time, with its graph; until the first backward. */
  #first: Tensor | undefined;
  /** The result in the recording's memory. */
  #output: tf.TensorInfo | undefined;
  #outputGradient: Entry | undefined;
  #trained: Tensor[] = [];
  readonly #gradients = new Map<Tensor, Result>();
  /** How many of the gradients lie in a piece of memory. */
  readonly #holders = new Map<Storage, number>();
  #operation: WeakRef<TapeNode> | undefined;
  #hasGradients = false;
  #isWalked = false;
  #isDropped = false;

  /**
   * The network itself is left to whoever holds this one: as long as there is a recording, the engine knows of it.
   *
   * @param storages - the memory of the network's tensors
   */
  constructor(backend: EngineBackend, storages: readonly Storage[], inputs: readonly Tensor[]) {
    this.#backend = backend;
    this.#recording = backend.newRecording(() => {
      if (this.isPending || this.#first) return false;
      this.drop();
      return true;
    });
    for (const storage of storages) this.#recording.admit(storage);
    this.#inputs = inputs.map((input) => this.#makeEntry(input));
  }

  /** Why this network cannot be repeated; undefined when it can. */
  get failure(): string | undefined {
    return this.#recording.failure;
  }

  /** True between the computation and the end of its graph: memory is in use until then. */
  get isPending(): boolean {
    return this.#operation?.deref()?.released === false;
  }

  /** True when {@link RecordedNetwork.repeat} gives what the network would compute for inputs like these. */
  accepts(backend: EngineBackend, inputs: readonly Tensor[]): boolean {
    return (
      backend === this.#backend &&
      inputs.length === this.#inputs.length &&
      inputs.every((input, index) => {
        const { shape, dtype } = this.#inputs[index]!.info;
        return input.dtype === dtype && sameShape(input.shape, shape);
      })
    );
  }

  /** True when there is all that it takes to compute again. */
  get isComplete(): boolean {
    return this.#hasGradients && !this.#isDropped;
  }

  /** True when nobody uses the gradients computed last, so that they can be computed anew in the same memory. */
  get isFree(): boolean {
    const backend = this.#backend;
    for (const [storage, holders] of this.#holders) if (storage.users > holders) return false;
    for (const variable of this.#recording.changed) {
      if (backend.refCount(variable.dataId) > 1 || backend.dataOf(variable).storage.users > 1) return false;
    }
    return true;
  }

  /**
   * Computes and records. Where it cannot be repeated, `failure` says why, and what comes back is the result with the
   * graph that it has by itself.
   */
  record(compute: (...inputs: Tensor[]) => unknown, inputs: readonly Tensor[]): unknown {
    const recording = this.#recording;
    const streams = countStreams();
    this.#fill(inputs);
    const output: unknown = this.#backend.record(recording, this.#forward, () => {
      const result: unknown = compute(...this.#inputs.map(({ info }) => tensorOf(info)));
      if (isFloats(result)) this.#settle(result);
      return result;
    });
    if (countStreams() - streams !== recording.streams.length) recording.fail('it draws random numbers');
    if (!isFloats(output)) {
      recording.fail('it gives something else than a tensor of floats');
      return output;
    }
    if (!recording.holds(this.#backend.dataOf(output).storage)) recording.fail('it gives back what it got');
    this.#trained = leavesOf(output);
    if (this.#trained.length === 0) recording.fail('nothing in it is trained');
    if (this.failure !== undefined) return output;
    output.kept = true;
    this.#first = output;
    this.#output = this.#backend.adopt(this.#backend.dataOf(output), output.shape);
    return this.#finish(this.#output);
  }

  /** Computes again. */
  repeat(inputs: readonly Tensor[]): Tensor {
    this.#fill(inputs);
    this.#drawStreams();
    this.#backend.replay(this.#forward);
    return this.#finish(this.#output!);
  }

  /** Gives up all memory. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#releaseFirst();
    if (this.#output) this.#backend.disposeData(this.#output.dataId);
    for (const { data } of this.#gradients.values()) data.free();
    for (const { storage } of this.#inputs) storage.release();
    this.#outputGradient?.storage.release();
    this.#recording.dissolve();
  }

  /** A copy of the result, since it may be kept for long, with the whole network as the operation that made it. */
  #finish(result: tf.TensorInfo): Tensor {
    const copy = this.#backend.allocate(result.shape);
    this.#backend.copyInto(this.#backend.dataOf(copy).storage, result);
    const output = tensorOf(copy);
    const inputs = Object.fromEntries(this.#trained.map((parameter, index) => [String(index), parameter]));
    this.#isWalked = false;
    const operation = recordOperation('RecordedNetwork', inputs, output, (dy) => this.#differentiate(dy as Tensor));
    if (operation) {
      operation.onRelease = () => this.#releaseFirst();
      this.#operation = new WeakRef(operation);
    }
    return output;
  }

  #differentiate(dy: Tensor): Record<string, () => Tensor> {
    if (isRecording()) throw new GradientError('a recorded network has no gradients of gradients; do not record it');
    if (this.#isWalked) throw new GradientError('the graph of a recorded network can be walked once only');
    this.#isWalked = true;
    this.#outputGradient ??= this.#makeEntry(dy);
    this.#backend.copyInto(this.#outputGradient.storage, dy);
    if (this.#first) this.#recordGradients(this.#first);
    else this.#backend.replay(this.#backward);
    return Object.fromEntries(
      this.#trained.map((parameter, index) => [
        String(index),
        () => {
          const { data, shape } = this.#gradients.get(parameter)!;
          return tensorOf(this.#backend.adopt(data, shape));
        },
      ]),
    );
  }

  #recordGradients(output: Tensor): void {
    const { info } = this.#outputGradient!;
    this.#backend.record(this.#recording, this.#backward, () => {
      const gradients = grad(output, this.#trained, { gradOutputs: tensorOf(info) });
      gradients.forEach((gradient, index) => {
        this.#settle(gradient!);
        this.#gradients.set(this.#trained[index]!, this.#resultOf(gradient!));
      });
    });
    this.#releaseFirst();
    this.#hasGradients = this.failure === undefined;
  }

  #releaseFirst(): void {
    this.#first?.dispose();
    this.#first = undefined;
  }

  /** Has the elements of a tensor computed if that was put off. */
  #settle(tensor: Tensor): void {
    this.#backend.pointerOf(tensor, this.#backend.layoutOf(tensor));
  }

  #resultOf(tensor: Tensor): Result {
    const { storage, view } = this.#backend.dataOf(tensor);
    this.#holders.set(storage, (this.#holders.get(storage) ?? 0) + 1);
    return { data: this.#backend.dataOf(tensor).share(view), shape: tensor.shape };
  }

  /** Memory for a tensor like this one, which stays where it is. */
  #makeEntry({ shape, dtype }: Tensor): Entry {
    const info = this.#backend.allocate(shape, dtype as 'float32' | 'int32');
    const storage = this.#backend.dataOf(info).storage.share();
    this.#recording.admit(storage);
    return { info, storage };
  }

  #fill(inputs: readonly Tensor[]): void {
    inputs.forEach((input, index) => this.#backend.copyInto(this.#inputs[index]!.storage, input));
  }

  #drawStreams(): void {
    for (const place of this.#recording.streams) {
      const { key, counter } = nextStream('dropout').origin;
      this.#backend.library.int32(place, 4).set([...key, ...counter]);
    }
  }
}

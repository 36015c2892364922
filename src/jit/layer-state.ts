/**
 * What a recorded network depends on.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { requiresGradient } from '../autograd/tape.js';
import type { EngineBackend, Storage, View } from '../engine/index.js';
import { Layer, type AnyLayer } from '../nn/layer/layer.js';

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

/** Where a tensor of a network lies, and whether gradients are collected for it. */
interface TensorPlace {
  readonly tensor: Tensor;
  readonly storage: Storage;
  readonly view: View | undefined;
  readonly isTrained: boolean;
}

/** A layer as it is at one moment. */
interface LayerFacts {
  readonly forward: unknown;
  readonly properties: readonly unknown[];
}

/** A layer's `forward`, to be compared. */
function forwardOf(layer: { readonly forward: unknown }): unknown {
  return layer.forward;
}

/** The layers of a network, their properties, and the places of their tensors, as they are at one moment. */
export class LayerState {
  readonly #backend: EngineBackend;
  readonly #layers = new Map<AnyLayer, LayerFacts>();
  readonly #places = new Map<Tensor, TensorPlace>();

  constructor(backend: EngineBackend, network: AnyLayer) {
    this.#backend = backend;
    this.#add(network);
  }

  #add(layer: AnyLayer): void {
    if (this.#layers.has(layer)) return;
    const properties = layer.properties();
    this.#layers.set(layer, { forward: forwardOf(layer), properties });
    for (const value of properties) {
      if (value instanceof Layer) {
        this.#add(value as AnyLayer);
      } else if (isTensor(value) && !this.#places.has(value)) {
        const { storage, view } = this.#backend.dataOf(value);
        this.#places.set(value, { tensor: value, storage, view, isTrained: requiresGradient(value) });
      }
    }
  }

  /** All layers, the network itself first. */
  get layers(): Iterable<AnyLayer> {
    return this.#layers.keys();
  }

  /** The memory of all tensors. */
  get storages(): Storage[] {
    return Array.from(this.#places.values(), ({ storage }) => storage);
  }

  /** True when nothing has changed but what the tensors hold. */
  get isCurrent(): boolean {
    for (const [layer, { forward, properties }] of this.#layers) {
      if (layer.hasHooks || forwardOf(layer) !== forward) return false;
      const present = layer.properties();
      if (present.length !== properties.length) return false;
      for (let i = 0; i < present.length; i++) if (!Object.is(present[i], properties[i])) return false;
    }
    for (const { tensor, storage, view, isTrained } of this.#places.values()) {
      if (tensor.isDisposed || requiresGradient(tensor) !== isTrained) return false;
      if (!this.#backend.dataOf(tensor).isAt(storage, view)) return false;
    }
    return true;
  }
}

/**
 * Operations that gradients flow through.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Tensors by the names that an operation has for them. */
export type NamedTensors = Record<string, Tensor>;

/** Gives, from the gradients of the outputs and what was saved, functions that give the gradients of the inputs. */
export type GradientFunction = (
  dys: Tensor | Tensor[],
  saved: Tensor[],
  attributes: unknown,
) => Record<string, () => Tensor>;

/** One recorded operation. */
export class TapeNode {
  readonly id: number;
  readonly kernelName: string;
  inputs: NamedTensors;
  outputs: Tensor[];
  /** Handles of the tensors that the gradient needs; the node owns them. */
  saved: Tensor[];
  /** Called when the node is released. */
  onRelease: (() => void) | undefined;
  #released = false;
  #gradient: GradientFunction | undefined;
  readonly #attributes: unknown;

  constructor(
    id: number,
    kernelName: string,
    inputs: NamedTensors,
    outputs: Tensor[],
    saved: Tensor[],
    gradient: GradientFunction | undefined,
    attributes: unknown,
  ) {
    this.id = id;
    this.kernelName = kernelName;
    this.inputs = inputs;
    this.outputs = outputs;
    this.saved = saved;
    this.#gradient = gradient;
    this.#attributes = attributes;
  }

  /** True after {@link TapeNode.release}. */
  get released(): boolean {
    return this.#released;
  }

  /** True when the operation has a gradient. */
  get isDifferentiable(): boolean {
    return this.#gradient !== undefined;
  }

  /** From the gradients of the outputs, null where nothing depends on one, functions that give those of the inputs. */
  gradients(dys: readonly (Tensor | null)[]): Record<string, () => Tensor> {
    if (this.#gradient === undefined) throw new TypeError(`${this.kernelName} has no gradient`);
    const given = dys.length === 1 && dys[0] ? dys[0] : withZeros(dys, this.outputs);
    return this.#gradient(given, this.saved, this.#attributes);
  }

  /** Frees what the node holds. Walking through it again is an error. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const tensor of this.saved) tensor.dispose();
    this.saved = [];
    this.inputs = {};
    this.outputs = [];
    this.#gradient = undefined;
    this.onRelease?.();
  }
}

/** The gradients, with zeros for those that are missing, made when they are looked at: most operations never do. */
function withZeros(dys: readonly (Tensor | null)[], outputs: readonly Tensor[]): Tensor | Tensor[] {
  const zeros = (index: number) => {
    const { shape = [], dtype } = outputs[index] ?? {};
    return tf.zeros(shape, dtype);
  };
  if (dys.length === 1) return zeros(0);
  const all = [...dys] as Tensor[];
  dys.forEach((dy, index) => {
    if (dy !== null) return;
    let made: Tensor | undefined;
    Object.defineProperty(all, index, { get: () => (made ??= zeros(index)), enumerable: true });
  });
  return all;
}

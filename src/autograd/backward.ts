/**
 * Gradients of recorded operations.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { GradientError, InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sameShape } from '../common/ndarray.js';
import { checkFunction, checkOptions } from '../common/options.js';
import { handOver, inScope, originOf, producerOf, recorded, requiresGradient, unrecorded } from './tape.js';
import type { TapeNode } from './tape-node.js';

/** Options of `backward`. */
export interface BackwardOptions {
  /**
   * Gradient of whatever follows with respect to the tensor, of its shape; for several tensors one for each, null for ones.
   * @defaultValue ones
   */
  readonly gradTensor?: Tensor | readonly (Tensor | null)[];
  /** Keep the graph, so that it can be walked again. @defaultValue false */
  readonly retainGraph?: boolean;
}

/** Options of {@link grad}. */
export interface GradOptions {
  /** One gradient per output, of its shape. @defaultValue ones */
  readonly gradOutputs?: Tensor | readonly (Tensor | null)[];
  /** Keep the graph, so that it can be walked again. @defaultValue the value of `createGraph` */
  readonly retainGraph?: boolean;
  /** Record the gradients' own operations, for gradients of gradients. @defaultValue false */
  readonly createGraph?: boolean;
  /** Accept inputs that the outputs do not depend on; their gradient is null. @defaultValue false */
  readonly allowUnused?: boolean;
}

/** All operations that lead to the given tensors and still have a graph, newest first. */
function nodesBehind(roots: readonly Tensor[]): TapeNode[] {
  const found = new Set<TapeNode>();
  const pending = roots.map(producerOf);
  while (pending.length > 0) {
    const node = pending.pop();
    if (node === undefined || found.has(node)) continue;
    found.add(node);
    for (const input of Object.values(node.inputs)) pending.push(producerOf(input));
  }
  return [...found].sort((a, b) => b.id - a.id);
}

/** Takes a tensor out of the scope that would free it; its new owner does. */
function own(tensor: Tensor): Tensor {
  tensor.kept = true;
  return tensor;
}

/** Gradients by tensor. Whoever takes one out owns it. */
class GradientSums {
  readonly #sums = new Map<Tensor, Tensor>();

  /** Adds a gradient; the sum owns it from now on. */
  add(tensor: Tensor, gradient: Tensor): void {
    const sum = this.#sums.get(tensor);
    if (sum === undefined) {
      this.#sums.set(tensor, own(gradient));
      return;
    }
    this.#sums.set(tensor, own(tf.add(sum, gradient)));
    sum.dispose();
    gradient.dispose();
  }

  take(tensor: Tensor): Tensor | null {
    const sum = this.#sums.get(tensor) ?? null;
    this.#sums.delete(tensor);
    return sum;
  }

  disposeAll(): void {
    for (const sum of this.#sums.values()) sum.dispose();
    this.#sums.clear();
  }
}

function checkWalkable(node: TapeNode): void {
  if (node.released) {
    throw new GradientError(
      'the graph was already walked and freed; pass retainGraph: true to the first backward to walk it twice',
    );
  }
  if (!node.isDifferentiable) {
    throw new GradientError(`the operation ${node.kernelName} has no gradient; use noGrad or detach() around it`);
  }
}

/** Gradient of one input of a node, checked. Its owner is the caller, also where the node passes `dys` on as they are. */
function inputGradient(
  node: TapeNode,
  name: string,
  input: Tensor,
  gradients: Record<string, () => Tensor>,
  dys: readonly (Tensor | null)[],
): Tensor {
  const compute = gradients[name];
  if (compute === undefined) {
    throw new GradientError(`the operation ${node.kernelName} has no gradient for its input ${name}`);
  }
  const computed = compute();
  const gradient = dys.includes(computed) ? tf.clone(computed) : computed;
  if (!sameShape(gradient.shape, input.shape)) {
    throw new ShapeMismatchError(
      `the gradient of ${node.kernelName} for its input ${name} has shape [${gradient.shape.join(', ')}], the input [${input.shape.join(', ')}]`,
    );
  }
  return gradient;
}

/**
 * Walks the graph from `roots` to the leaves.
 *
 * @param wanted - receives each tensor whose gradient is complete; returning true hands the gradient over
 */
function walk(
  roots: readonly Tensor[],
  rootGradients: readonly (Tensor | undefined)[],
  wanted: (tensor: Tensor, gradient: Tensor) => boolean,
  { retainGraph, createGraph }: { retainGraph: boolean; createGraph: boolean },
): void {
  const sums = new GradientSums();
  const run = createGraph ? recorded : unrecorded;
  const leaves = new Set<Tensor>();
  const deliver = (tensor: Tensor, gradient: Tensor) => {
    if (!wanted(tensor, gradient)) gradient.dispose();
  };
  run(() => {
    try {
      roots.forEach((root, index) => {
        const given = rootGradients[index];
        sums.add(root, given ? tf.clone(given) : tf.onesLike(root));
        if (producerOf(root) === undefined) leaves.add(root);
      });
      for (const node of nodesBehind(roots)) {
        checkWalkable(node);
        const outputGradients = node.outputs.map((output) => sums.take(output));
        if (outputGradients.every((gradient) => gradient === null)) continue;
        inScope(() => {
          const gradients = node.gradients(outputGradients);
          for (const name of Object.keys(node.inputs)) {
            const input = originOf(node.inputs[name] as Tensor);
            if (!requiresGradient(input)) continue;
            sums.add(input, inputGradient(node, name, input, gradients, outputGradients));
            if (producerOf(input) === undefined) leaves.add(input);
          }
        });
        node.outputs.forEach((output, index) => {
          const gradient = outputGradients[index];
          if (gradient) deliver(output, gradient);
        });
        if (!retainGraph) node.release();
      }
      for (const leaf of leaves) {
        const gradient = sums.take(leaf);
        if (gradient) deliver(leaf, gradient);
      }
    } finally {
      sums.disposeAll();
    }
  });
}

/** The tensors that collect gradients of `root`, in an order that depends on the graph alone. */
export function leavesOf(root: Tensor): Tensor[] {
  const leaves = new Set<Tensor>();
  for (const node of nodesBehind([root])) {
    for (const input of Object.values(node.inputs).map(originOf)) {
      if (producerOf(input) === undefined && requiresGradient(input)) leaves.add(input);
    }
  }
  return [...leaves];
}

const gradients = new WeakMap<Tensor, Tensor>();
/** Tensors whose gradient is zero and not stored: the next one replaces it without an addition. */
const zeroGradients = new WeakSet<Tensor>();

/** The gradient collected for a tensor, or null. */
export function gradientOf(tensor: Tensor): Tensor | null {
  if (zeroGradients.has(tensor))
    setGradient(
      tensor,
      unrecorded(() => tf.zerosLike(tensor)),
    );
  return gradients.get(tensor) ?? null;
}

/** Replaces the gradient collected for a tensor, which owns it from then on; the old one is disposed. */
export function setGradient(tensor: Tensor, gradient: Tensor | null): void {
  zeroGradients.delete(tensor);
  gradients.get(tensor)?.dispose();
  if (gradient === null) gradients.delete(tensor);
  else gradients.set(tensor, tf.keep(gradient));
}

/** Makes the gradient collected for a tensor, if there is one, zero. */
export function zeroGradient(tensor: Tensor): void {
  if (!gradients.has(tensor)) return;
  setGradient(tensor, null);
  zeroGradients.add(tensor);
}

/** Adds to the gradient collected for a tensor and takes `gradient` over. */
function accumulate(tensor: Tensor, gradient: Tensor): void {
  const sum = gradients.get(tensor);
  setGradient(tensor, sum ? tf.add(sum, gradient) : gradient);
  if (sum) gradient.dispose();
}

function checkSeed(name: string, seed: Tensor | null | undefined, root: Tensor): Tensor | undefined {
  if (!seed) return undefined;
  if (sameShape(seed.shape, root.shape)) return seed;
  throw new ShapeMismatchError(
    `${name} must have the shape [${root.shape.join(', ')}] of its tensor, got [${seed.shape.join(', ')}]`,
  );
}

/**
 * Adds the gradients of the sum of all `tensors` to the `grad` of every leaf that they depend on, and frees the graph.
 *
 * @param tensors - one or several, of any shape
 * @throws `GradientError` when a tensor depends on nothing that needs a gradient, or its graph is freed already
 */
export function backward(tensors: Tensor | readonly Tensor[], options: BackwardOptions = {}): void {
  checkOptions('backward', options, ['gradTensor', 'retainGraph']);
  const roots = (Array.isArray(tensors) ? tensors : [tensors]) as Tensor[];
  if (roots.length === 0 || !roots.every((root) => root instanceof tf.Tensor && requiresGradient(root))) {
    throw new GradientError(
      'backward needs a tensor that depends on a parameter or on a tensor with stopGradient = false; this one does not, or was computed inside noGrad',
    );
  }
  const seeds = [options.gradTensor ?? []].flat() as (Tensor | null | undefined)[];
  const name = (index: number) => (Array.isArray(options.gradTensor) ? `gradTensor[${index}]` : 'gradTensor');
  const given = roots.map((root, index) => checkSeed(name(index), seeds[index], root));
  inScope(() => {
    walk(
      roots,
      given,
      (leaf, gradient) => {
        if (producerOf(leaf) !== undefined) return false;
        accumulate(leaf, gradient);
        return true;
      },
      { retainGraph: options.retainGraph ?? false, createGraph: false },
    );
  });
}

/**
 * The gradients of the sum of `outputs` with respect to `inputs`, as `paddle.grad`. The `grad` of no tensor changes.
 *
 * @returns one gradient per input, of its shape; null where `allowUnused` lets it be
 * @throws `GradientError` when an input plays no part in the outputs
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  checkOptions('grad', options, ['gradOutputs', 'retainGraph', 'createGraph', 'allowUnused']);
  const roots = (Array.isArray(outputs) ? outputs : [outputs]) as Tensor[];
  const targets = (Array.isArray(inputs) ? inputs : [inputs]) as Tensor[];
  const { gradOutputs, createGraph = false, retainGraph = createGraph, allowUnused = false } = options;
  const seeds = (
    gradOutputs === undefined ? [] : Array.isArray(gradOutputs) ? gradOutputs : [gradOutputs]
  ) as (Tensor | null)[];
  const found = new Map<Tensor, Tensor>();
  inScope(() => {
    walk(
      roots,
      roots.map((root, index) => checkSeed(`gradOutputs[${index}]`, seeds[index], root)),
      (tensor, gradient) => {
        if (!targets.includes(tensor)) return false;
        found.set(tensor, gradient);
        return true;
      },
      { retainGraph, createGraph },
    );
  });
  const result = targets.map((target) => found.get(target) ?? null);
  const unused = result.indexOf(null);
  if (unused >= 0 && !allowUnused) {
    for (const gradient of found.values()) gradient.dispose();
    throw new GradientError(
      `inputs[${unused}] plays no part in the outputs; pass allowUnused: true to get null for it`,
    );
  }
  for (const gradient of found.values()) handOver(gradient);
  return result;
}

/**
 * Runs a synchronous function without recording gradients, as `with paddle.no_grad()`.
 *
 * A promise is refused: across an `await`, gradients would be off for whatever else runs meanwhile.
 *
 * @returns what `fn` returns
 * @throws `InvalidArgumentError` when `fn` returns a promise
 */
export function noGrad<T>(fn: () => T): T {
  checkFunction('noGrad', fn);
  return unrecorded(() => refusePromise('noGrad', fn()));
}

/** Runs a synchronous function with gradients recorded, also inside {@link noGrad}, as `with paddle.enable_grad()`. */
export function enableGrad<T>(fn: () => T): T {
  checkFunction('enableGrad', fn);
  return recorded(() => refusePromise('enableGrad', fn()));
}

function refusePromise<T>(name: string, result: T): T {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return result;
  // The promise is refused, whatever becomes of it.
  void (result as unknown as Promise<unknown>).then(undefined, () => undefined);
  throw new InvalidArgumentError(
    `${name} takes a synchronous function, got one that returns a promise; await first, then call ${name} around the computation`,
  );
}

/** A tensor of the same values that gradients do not flow through. It shares its storage with the original. */
export function detach<T extends Tensor>(tensor: T): T {
  return unrecorded(() => tf.clone(tensor));
}

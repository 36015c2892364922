/**
 * Define-by-run differentiation on TensorFlow.js: a tape that is always on.
 *
 * Every place that touches the internals of TensorFlow.js is in this file. TensorFlow.js records an operation when
 * `state.gradientDepth > 0`, by handing a node to `state.activeTape.push`. Here that object links each node to its
 * outputs; there is no list, so that a graph lives exactly as long as the tensors that lead to it.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import './gradients.js';
import { DeviceError } from '../common/errors.js';
import { releaseWhenUnreachable, forgetUnreachable } from './memory.js';

/** One recorded operation, as TensorFlow.js makes it. */
export interface TapeNode {
  readonly id: number;
  readonly kernelName: string;
  inputs: Record<string, Tensor>;
  outputs: Tensor[];
  /** Clones of the tensors that the gradient needs; the node owns them. */
  saved: Tensor[];
  /** Maps the gradients of the outputs to functions that give the gradients of the inputs; absent: not differentiable. */
  gradient?: (dys: (Tensor | null)[]) => Record<string, () => Tensor>;
  /** Set by {@link releaseNode}. */
  released?: boolean;
}

/** The part of the TensorFlow.js engine that the tape relies on. */
interface EngineInternals {
  state: { gradientDepth: number; kernelDepth: number; activeTape: unknown; activeScope: object | null };
  track: (tensor: Tensor) => Tensor;
  keep: (tensor: Tensor) => Tensor;
  disposeTensor: (tensor: Tensor) => void;
  getTensorsForGradient: (kernelName: string, inputs: Record<string, Tensor>, outputs: Tensor[]) => Tensor[];
  gradients: (...args: unknown[]) => unknown;
  reset: () => void;
  incRef: (tensor: Tensor, backend: unknown) => void;
  nextTensorId: () => number;
}

/** The engine of TensorFlow.js with the members that its types hide. */
export const engine = tf.engine() as unknown as EngineInternals;

const producers = new WeakMap<Tensor, TapeNode>();
const leaves = new WeakSet<Tensor>();
const collectors: TapeNode[][] = [];

/** The operation that made a tensor, when a gradient can flow through it. */
export function producerOf(tensor: Tensor): TapeNode | undefined {
  return producers.get(tensor);
}

/** True when gradients flow to or through a tensor. */
export function requiresGradient(tensor: Tensor): boolean {
  return leaves.has(tensor) || producers.has(tensor);
}

/** Makes a tensor one that gradients are collected for, or cuts it off from the graph. */
export function setRequiresGradient(tensor: Tensor, required: boolean): void {
  if (!required) {
    leaves.delete(tensor);
    producers.delete(tensor);
  } else if (!producers.has(tensor)) {
    leaves.add(tensor);
  }
}

/** Frees what a node holds. Walking through it again is an error. */
export function releaseNode(node: TapeNode): void {
  if (node.released) return;
  node.released = true;
  for (const tensor of node.saved) tensor.dispose();
  node.saved = [];
  node.inputs = {};
  node.outputs = [];
  delete node.gradient;
}

/** True when an operation could differentiate: no gradient flows through integers, booleans and text. */
function isDifferentiable(node: TapeNode): boolean {
  return node.outputs.some((output) => output.dtype === 'float32');
}

const tape = {
  push(node: TapeNode): void {
    if (!isDifferentiable(node) || !Object.values(node.inputs).some(requiresGradient)) {
      for (const tensor of node.saved) tensor.dispose();
      return;
    }
    for (const output of node.outputs) producers.set(output, node);
    collectors.at(-1)?.push(node);
  },
};

/** The operations recorded while `fn` runs are released when it ends, also those that no gradient went through. */
export function releaseGraphAfter<T>(fn: () => T): T {
  const nodes: TapeNode[] = [];
  collectors.push(nodes);
  try {
    return fn();
  } finally {
    collectors.splice(collectors.indexOf(nodes), 1);
    nodes.forEach(releaseNode);
  }
}

/** True when operations are being recorded. */
export function isRecording(): boolean {
  return engine.state.activeTape === tape && engine.state.gradientDepth > 0;
}

function withRecording<T>(on: boolean, fn: () => T): T {
  const { state } = engine;
  const { gradientDepth, activeTape } = state;
  state.gradientDepth = on ? 1 : 0;
  state.activeTape = on ? tape : null;
  try {
    return fn();
  } finally {
    state.gradientDepth = gradientDepth;
    state.activeTape = activeTape;
  }
}

/** Runs `fn` with the tape on, whatever surrounds it. */
export function recorded<T>(fn: () => T): T {
  return withRecording(true, fn);
}

/** Runs `fn` with the tape off, whatever surrounds it. */
export function unrecorded<T>(fn: () => T): T {
  return withRecording(false, fn);
}

/** Checks that the internals are the ones this file knows, so that an incompatible release fails at import. */
function checkInternals(): void {
  const { state } = engine;
  const methods = ['track', 'keep', 'disposeTensor', 'getTensorsForGradient', 'gradients', 'reset', 'incRef'] as const;
  const missing = methods.filter((name) => typeof engine[name] !== 'function');
  if (typeof state?.gradientDepth !== 'number' || missing.length > 0) {
    throw new DeviceError(
      `@tensorflow/tfjs-core ${tf.version_core} is not compatible: its engine lacks ${missing.join(', ') || 'state.gradientDepth'}; install version 4.22`,
    );
  }
}

function turnOn(): void {
  engine.state.gradientDepth = 1;
  engine.state.activeTape = tape;
}

const attached = Symbol.for('paddlewheel.tape');

/** Puts the tape into the engine. Further calls, also from another copy of the library, do nothing. */
function attach(): void {
  const marked = engine as unknown as Record<symbol, boolean>;
  if (marked[attached]) return;
  marked[attached] = true;
  checkInternals();

  const { track, keep, disposeTensor, getTensorsForGradient, gradients, reset } = engine;

  // A tensor that no scope owns is freed when nothing refers to it any more.
  engine.track = (tensor) => {
    if (engine.state.activeScope === null) releaseWhenUnreachable(tensor);
    return track.call(engine, tensor);
  };
  engine.keep = (tensor) => {
    releaseWhenUnreachable(tensor);
    return keep.call(engine, tensor);
  };
  engine.disposeTensor = (tensor) => {
    forgetUnreachable(tensor);
    disposeTensor.call(engine, tensor);
  };

  // Without an input that needs a gradient nothing is cloned for the backward pass.
  engine.getTensorsForGradient = (kernelName, inputs, outputs) => {
    const inert = engine.state.activeTape === tape && !Object.values(inputs).some(requiresGradient);
    return inert ? [] : getTensorsForGradient.call(engine, kernelName, inputs, outputs);
  };

  // tf.grads, tf.variableGrads and what builds on them expect a list of their own.
  engine.gradients = (...args) =>
    engine.state.activeTape === tape ? unrecorded(() => gradients.apply(engine, args)) : gradients.apply(engine, args);

  engine.reset = () => {
    reset.call(engine);
    turnOn();
  };

  turnOn();
}

attach();

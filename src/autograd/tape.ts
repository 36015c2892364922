/**
 * Define-by-run differentiation on TensorFlow.js: a tape that is always on.
 *
 * Every place that touches the internals of TensorFlow.js is in this file. TensorFlow.js records an operation when
 * `state.gradientDepth > 0`, by calling its `addTapeNode`. Here that links each node to its outputs; there is no list, so
 * that a graph lives exactly as long as the tensors that lead to it.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import './gradients.js';
import { DeviceError } from '../common/errors.js';
import { releaseWhenUnreachable, forgetUnreachable } from './memory.js';
import { TapeNode, type GradientFunction, type NamedTensors } from './tape-node.js';
import { recordsOnIds, type Records } from './tensor-records.js';

/** A scope of `tf.tidy`. */
interface Scope {
  readonly id: number;
  readonly track: Tensor[];
}

/** The part of the TensorFlow.js engine that the tape relies on. */
interface EngineInternals {
  readonly backendName: string | null;
  readonly backend: tf.KernelBackend;
  state: {
    gradientDepth: number;
    kernelDepth: number;
    profiling: boolean;
    activeTape: unknown;
    activeScope: Scope | null;
    scopeStack: Scope[];
    nextTapeNodeId: number;
    numDataBuffers: number;
    tensorInfo: Records<{ readonly backend: { incRef(dataId: object): void } }>;
  };
  runKernel: (name: string, inputs: NamedTensors, attributes?: tf.NamedAttrMap) => Tensor | Tensor[];
  track: (tensor: Tensor) => Tensor;
  keep: (tensor: Tensor) => Tensor;
  disposeTensor: (tensor: Tensor) => void;
  startScope: (name?: string) => void;
  endScope: (result?: unknown) => void;
  makeTensorFromTensorInfo: (info: tf.TensorInfo, backend?: unknown) => Tensor;
  getTensorsForGradient: (kernelName: string, inputs: NamedTensors, outputs: Tensor[]) => Tensor[];
  saveTensorsForBackwardMode: (tensors: Tensor[]) => Tensor[];
  addTapeNode: (
    kernelName: string,
    inputs: NamedTensors,
    outputs: Tensor[],
    gradient: GradientFunction | null | undefined,
    saved: Tensor[],
    attributes: unknown,
  ) => void;
  gradients: (...args: unknown[]) => unknown;
  reset: () => void;
  incRef: (tensor: Tensor, backend: unknown) => void;
  nextTensorId: () => number;
}

/** The engine of TensorFlow.js with the members that its types hide. */
export const engine = tf.engine() as unknown as EngineInternals;

// What the tape knows of a tensor lies on the tensor: maps from tensors cost more than many of the operations.
const producer = Symbol.for('paddlewheel.producer');
const leaf = Symbol.for('paddlewheel.leaf');
const origin = Symbol.for('paddlewheel.origin');

interface Recorded extends Tensor {
  /** The operation that made the tensor. */
  [producer]?: TapeNode | undefined;
  /** True when gradients are collected for it. */
  [leaf]?: boolean;
  /** The tensor that this one is a handle of. */
  [origin]?: Tensor;
}

const collectors: TapeNode[][] = [];

/** The tensor that stands in the graph for what an operation saved: gradients flow to where it came from. */
export function originOf(tensor: Tensor): Tensor {
  return (tensor as Recorded)[origin] ?? tensor;
}

/** The operation that made a tensor, when a gradient can flow through it. */
export function producerOf(tensor: Tensor): TapeNode | undefined {
  return (originOf(tensor) as Recorded)[producer];
}

/** True when gradients flow to or through a tensor. */
export function requiresGradient(tensor: Tensor): boolean {
  const recorded = originOf(tensor) as Recorded;
  return recorded[producer] !== undefined || recorded[leaf] === true;
}

/** Makes a tensor one that gradients are collected for, or cuts it off from the graph. */
export function setRequiresGradient(tensor: Tensor, required: boolean): void {
  const recorded = tensor as Recorded;
  if (!required) {
    recorded[leaf] = false;
    recorded[producer] = undefined;
  } else if (recorded[producer] === undefined) {
    recorded[leaf] = true;
  }
}

function someRequiresGradient(inputs: NamedTensors): boolean {
  for (const name in inputs) {
    const input = inputs[name];
    if (input && requiresGradient(input)) return true;
  }
  return false;
}

/** Marks that the tape is on; TensorFlow.js asks for nothing but an object. */
const tape = {};

/** Links an operation to its outputs, if a gradient can flow through it: not through integers, booleans and text. */
function record(node: TapeNode): void {
  if (!node.outputs.some((output) => output.dtype === 'float32') || !someRequiresGradient(node.inputs)) {
    for (const tensor of node.saved) tensor.dispose();
    return;
  }
  for (const output of node.outputs) (output as Recorded)[producer] = node;
  collectors.at(-1)?.push(node);
}

/** A tensor of the same storage that no scope frees. The caller owns it. */
function handleOf(tensor: Tensor): Tensor {
  const { dataId, shape, dtype } = tensor;
  const backend = engine.state.tensorInfo.get(dataId)?.backend;
  backend?.incRef(dataId);
  const handle: Recorded = engine.makeTensorFromTensorInfo({ dataId, shape, dtype }, backend);
  handle[origin] = originOf(tensor);
  handle.kept = true;
  return handle;
}

/** The tensor of what a kernel has made; some kernels make tensors themselves. */
function tensorOf(info: tf.TensorInfo): Tensor {
  return (info as Partial<Tensor>).rank === undefined ? engine.makeTensorFromTensorInfo(info) : (info as Tensor);
}

/** The operations recorded while `fn` runs are released when it ends, also those that no gradient went through. */
export function releaseGraphAfter<T>(fn: () => T): T {
  const nodes: TapeNode[] = [];
  collectors.push(nodes);
  try {
    return fn();
  } finally {
    collectors.splice(collectors.indexOf(nodes), 1);
    for (const node of nodes) node.release();
  }
}

/**
 * Records an operation that has no kernel of its own.
 *
 * @param gradient - gives, from the gradient of `output`, functions that give those of the inputs
 * @returns the operation; undefined when no input needs a gradient
 */
export function recordOperation(
  name: string,
  inputs: NamedTensors,
  output: Tensor,
  gradient: GradientFunction,
): TapeNode | undefined {
  record(new TapeNode(engine.state.nextTapeNodeId++, name, inputs, [output], [], gradient, undefined));
  return (output as Recorded)[producer];
}

/** True when operations are being recorded. */
export function isRecording(): boolean {
  return engine.state.activeTape === tape && engine.state.gradientDepth > 0;
}

/** True while every single kernel is looked at: in a profile, or with debugging. */
export function isProfiling(): boolean {
  return engine.state.profiling || tf.env().getBool('DEBUG');
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

/** Runs `fn` as `tf.tidy` does: tensors made in it are freed, except for those in what it returns. */
export function inScope<T>(fn: () => T): T {
  engine.startScope();
  let result: T | undefined;
  try {
    result = fn();
    return result;
  } finally {
    engine.endScope(result);
  }
}

/** Gives a kept tensor to the scope that surrounds the caller, as any result of an operation. */
export function handOver(tensor: Tensor): void {
  tensor.kept = false;
  engine.track(tensor);
}

/** Checks that the internals are the ones this file knows, so that an incompatible release fails at import. */
function checkInternals(): void {
  const { state } = engine;
  const methods = [
    ...(['runKernel', 'track', 'keep', 'disposeTensor', 'startScope', 'endScope', 'makeTensorFromTensorInfo'] as const),
    ...(['getTensorsForGradient', 'saveTensorsForBackwardMode', 'addTapeNode'] as const),
    ...(['gradients', 'reset', 'incRef', 'nextTensorId'] as const),
  ];
  const missing: string[] = methods.filter((name) => typeof engine[name] !== 'function');
  if (typeof state?.gradientDepth !== 'number') missing.push('state.gradientDepth');
  if (typeof state?.kernelDepth !== 'number') missing.push('state.kernelDepth');
  if (!(state?.tensorInfo instanceof WeakMap)) missing.push('state.tensorInfo');
  if (!Array.isArray(state?.scopeStack)) missing.push('state.scopeStack');
  if (missing.length > 0) {
    throw new DeviceError(
      `@tensorflow/tfjs-core ${tf.version_core} is not compatible: its engine lacks ${missing.join(', ')}; install version 4.22`,
    );
  }
}

function turnOn(): void {
  const { state } = engine;
  state.gradientDepth = 1;
  state.activeTape = tape;
  state.tensorInfo = recordsOnIds(state.numDataBuffers > 0 ? state.tensorInfo : undefined);
}

const attached = Symbol.for('paddlewheel.tape');

/** Puts the tape into the engine. Further calls, also from another copy of the library, do nothing. */
function attach(): void {
  const marked = engine as unknown as Record<symbol, boolean>;
  if (marked[attached]) return;
  marked[attached] = true;
  checkInternals();

  const { runKernel, track, keep, disposeTensor, endScope, reset, gradients } = engine;
  const { getTensorsForGradient, saveTensorsForBackwardMode, addTapeNode } = engine;

  const environment = tf.env();
  // Without profiles and debugging there is little to do around a kernel. The general way makes half a dozen functions.
  engine.runKernel = (name, inputs, attributes) => {
    const { state, backendName } = engine;
    const recording = state.gradientDepth > 0 && state.kernelDepth === 0;
    const special =
      state.profiling ||
      (recording && state.activeTape !== tape) ||
      environment.getBool('DEBUG') ||
      environment.getBool('IS_TEST');
    const kernel = special || backendName === null ? undefined : tf.getKernel(name, backendName);
    if (kernel === undefined) return runKernel.call(engine, name, inputs, attributes);
    state.kernelDepth++;
    try {
      const infos = kernel.kernelFunc({ inputs, attrs: attributes, backend: engine.backend });
      const outputs = Array.isArray(infos) ? infos.map(tensorOf) : [tensorOf(infos)];
      if (recording && someRequiresGradient(inputs)) {
        const saved = engine.saveTensorsForBackwardMode(engine.getTensorsForGradient(name, inputs, outputs));
        engine.addTapeNode(name, inputs, outputs, undefined, saved, attributes);
      }
      return Array.isArray(infos) ? outputs : outputs[0]!;
    } finally {
      state.kernelDepth--;
    }
  };

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

  // Most scopes end with one tensor; the general way makes two sets and three lists to find that out.
  engine.endScope = (result) => {
    const isTensor = result instanceof tf.Tensor;
    if (!isTensor && typeof result === 'object' && result !== null) {
      endScope.call(engine, result);
      return;
    }
    const { state } = engine;
    const scope = state.scopeStack.pop();
    for (const tensor of scope?.track ?? []) if (!tensor.kept && tensor !== result) tensor.dispose();
    state.activeScope = state.scopeStack.at(-1) ?? null;
    if (!isTensor) return;
    const tensor: Tensor & { scopeId?: number } = result;
    if (!tensor.kept && tensor.scopeId === scope?.id) engine.track(tensor);
  };

  // Without an input that needs a gradient nothing is saved for the backward pass.
  engine.getTensorsForGradient = (kernelName, inputs, outputs) => {
    const inert = engine.state.activeTape === tape && !someRequiresGradient(inputs);
    return inert ? [] : getTensorsForGradient.call(engine, kernelName, inputs, outputs);
  };

  // TensorFlow.js runs a kernel for each tensor that it saves, and records it.
  engine.saveTensorsForBackwardMode = (tensors) => {
    if (engine.state.activeTape !== tape) return saveTensorsForBackwardMode.call(engine, tensors);
    const handles = tensors.map(handleOf);
    // A collector releases its graph for certain.
    if (collectors.length === 0) handles.forEach(releaseWhenUnreachable);
    return handles;
  };

  engine.addTapeNode = (kernelName, inputs, outputs, gradient, saved, attributes) => {
    if (engine.state.activeTape !== tape) {
      addTapeNode.call(engine, kernelName, inputs, outputs, gradient, saved, attributes);
      return;
    }
    const registered = tf.getGradient(kernelName)?.gradFunc as GradientFunction | undefined;
    const id = engine.state.nextTapeNodeId++;
    record(new TapeNode(id, kernelName, inputs, outputs, saved, registered ?? gradient ?? undefined, attributes));
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

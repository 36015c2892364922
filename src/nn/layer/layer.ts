/**
 * Base of all layers and networks.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { inScope } from '../../autograd/tape.js';
import { InvalidArgumentError } from '../../common/errors.js';
import type { NdArray } from '../../common/ndarray.js';
import { checkChoice, checkOptions, describeValue } from '../../common/options.js';
import { getDevice } from '../../device/index.js';
import { toParamAttr, type ParamAttrLike } from '../param-attr.js';
import { Parameter } from '../parameter.js';
import { HookList, type HookHandle } from './hooks.js';
import type {
  CreateParameterOptions,
  LayerOptions,
  NamedParametersOptions,
  NamedSublayersOptions,
  SetStateDictOptions,
  StateDictOptions,
  ToOptions,
} from './options.js';
import { makeParameter } from './make-parameter.js';
import { snakeCase, uniqueName } from './names.js';
import { loadState, type LoadResult } from './state.js';

/** Any layer, whatever it takes and gives. */
export type AnyLayer = Layer<unknown[], unknown>;

/** Tensors by their structured name, such as `conv1.weight`. */
export type StateDict = Record<string, Tensor>;

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

const join = (prefix: string, name: string) => (prefix === '' ? name : `${prefix}.${name}`);

/**
 * A part of a network with parameters, buffers and sublayers: the base of all layers.
 *
 * A subclass makes its parameters and sublayers in the constructor, as plain properties, and computes in `forward`.
 * Everything public that holds a layer, a parameter or a tensor belongs to the layer, in the order of assignment; what
 * is in a `#private` field or in a plain array does not (use {@link LayerList}).
 *
 * `layer.forward(x)` runs the hooks around the class's `forward` and frees the tensors made on the way;
 * `super.forward(x)` inside a class runs the parent's method alone.
 *
 * @typeParam Inputs - arguments of `forward`
 * @typeParam Output - what `forward` returns
 */
export class Layer<Inputs extends unknown[] = [Tensor], Output = Tensor> {
  /** True in training mode; set it with `train` and `eval`. */
  training = true;

  readonly #fullName: string;
  readonly #parameterCounts = { w: 0, b: 0 };
  readonly #persistable = new Set<string>();
  readonly #forward: unknown;
  // The hooks' own types would make Layer<[Tensor], Tensor> no subtype of AnyLayer.
  readonly #preHooks = new HookList<(layer: unknown, inputs: unknown[]) => unknown>();
  readonly #postHooks = new HookList<(layer: unknown, inputs: unknown[], output: unknown) => unknown>();

  constructor(options: LayerOptions = {}) {
    checkOptions(new.target.name, options, ['nameScope']);
    this.#fullName = uniqueName(options.nameScope ?? snakeCase(new.target.name));
    const prototype = new.target.prototype as Layer<Inputs, Output>;
    this.#forward = (...inputs: Inputs) => this.#call((...given) => prototype.forward.apply(this, given), inputs);
    Object.defineProperty(this, 'forward', { value: this.#forward, writable: true, configurable: true });
  }

  /** True when functions run before or after `forward`. @internal */
  get hasHooks(): boolean {
    return !this.#preHooks.isEmpty || !this.#postHooks.isEmpty;
  }

  /** True when nothing has taken the place of the class's `forward`. @internal */
  get hasOwnForward(): boolean {
    return this.forward === this.#forward;
  }

  /** Computes the layer's output; every subclass has its own. */
  forward(..._inputs: Inputs): Output {
    throw new InvalidArgumentError(`${this.constructor.name} must define forward`);
  }

  #call(forward: (...inputs: Inputs) => Output, inputs: Inputs): Output {
    return inScope(() => {
      let given = inputs;
      for (const hook of this.#preHooks) {
        const replaced = hook(this, given);
        if (replaced !== undefined && replaced !== null)
          given = (Array.isArray(replaced) ? replaced : [replaced]) as Inputs;
      }
      let output = forward(...given);
      if (typeof (output as { then?: unknown } | null)?.then === 'function') {
        throw new InvalidArgumentError(`forward of ${this.constructor.name} must be synchronous, got a promise`);
      }
      for (const hook of this.#postHooks) {
        const replaced = hook(this, given, output);
        if (replaced !== undefined && replaced !== null) output = replaced as Output;
      }
      return output;
    });
  }

  /** What belongs to the layer, in order of assignment. Containers have their own order. @internal */
  protected *members(): Generator<[string, unknown]> {
    yield* Object.entries(this);
  }

  /** Everything that belongs to the layer, and all of its other public properties. @internal */
  properties(): unknown[] {
    return Array.from(this.members(), ([, value]) => value);
  }

  /** The layer's unique name, such as `conv2d_0`. */
  fullName(): string {
    return this.#fullName;
  }

  /** Puts the layer and all sublayers into training mode. */
  train(): this {
    return this.#setTraining(true);
  }

  /** Puts the layer and all sublayers into evaluation mode. */
  eval(): this {
    return this.#setTraining(false);
  }

  #setTraining(training: boolean, seen = new Set<AnyLayer>()): this {
    this.training = training;
    seen.add(this);
    for (const [, value] of this.members()) {
      if (value instanceof Layer && !seen.has(value as AnyLayer)) (value as AnyLayer).#setTraining(training, seen);
    }
    return this;
  }

  /** Calls a function with every sublayer, children first, then with the layer itself. */
  apply(fn: (layer: AnyLayer) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** The direct sublayers with their names. */
  *namedChildren(): Generator<[string, AnyLayer]> {
    const seen = new Set<unknown>();
    for (const [name, value] of this.members()) {
      if (!(value instanceof Layer) || seen.has(value)) continue;
      seen.add(value);
      yield [name, value as AnyLayer];
    }
  }

  /** The direct sublayers. */
  children(): AnyLayer[] {
    return Array.from(this.namedChildren(), ([, layer]) => layer);
  }

  /** All sublayers with their names, each once, parents first. */
  *namedSublayers(options: NamedSublayersOptions = {}): Generator<[string, AnyLayer]> {
    checkOptions('namedSublayers', options, ['prefix', 'includeSelf']);
    const { prefix = '', includeSelf = false } = options;
    if (includeSelf) yield [prefix, this];
    yield* this.#walk(prefix, new Set<AnyLayer>([this]));
  }

  *#walk(prefix: string, seen: Set<AnyLayer>): Generator<[string, AnyLayer]> {
    for (const [name, child] of this.namedChildren()) {
      if (seen.has(child)) continue;
      seen.add(child);
      yield [join(prefix, name), child];
      yield* child.#walk(join(prefix, name), seen);
    }
  }

  /** All sublayers, each once, parents first. */
  sublayers(options: Pick<NamedSublayersOptions, 'includeSelf'> = {}): AnyLayer[] {
    return Array.from(this.namedSublayers(options), ([, layer]) => layer);
  }

  *#ownTensors(wanted: (value: Tensor, name: string) => boolean): Generator<[string, Tensor]> {
    for (const [name, value] of this.members()) {
      if (isTensor(value) && wanted(value, name)) yield [name, value];
    }
  }

  *#namedTensors(
    { prefix = '', includeSublayers = true }: NamedParametersOptions,
    wanted: (layer: AnyLayer, value: Tensor, name: string) => boolean,
  ): Generator<[string, Tensor]> {
    const seen = new Set<Tensor>();
    const layers = includeSublayers ? this.namedSublayers({ prefix, includeSelf: true }) : [[prefix, this] as const];
    for (const [path, layer] of layers) {
      for (const [name, tensor] of layer.#ownTensors((value, key) => wanted(layer, value, key))) {
        if (seen.has(tensor)) continue;
        seen.add(tensor);
        yield [join(path, name), tensor];
      }
    }
  }

  /** All parameters with their names; a shared one once. */
  namedParameters(options: NamedParametersOptions = {}): Generator<[string, Parameter]> {
    checkOptions('namedParameters', options, ['prefix', 'includeSublayers']);
    const named = this.#namedTensors(options, (_, value) => value instanceof Parameter);
    return named as Generator<[string, Parameter]>;
  }

  /** All parameters, a shared one once; as in Paddle, the running statistics of batch normalisation among them. */
  parameters(options: Pick<NamedParametersOptions, 'includeSublayers'> = {}): Parameter[] {
    return Array.from(this.namedParameters(options), ([, parameter]) => parameter);
  }

  /** All buffers with their names: tensors that are not parameters. */
  namedBuffers(options: NamedParametersOptions = {}): Generator<[string, Tensor]> {
    checkOptions('namedBuffers', options, ['prefix', 'includeSublayers']);
    return this.#namedTensors(options, (_, value) => !(value instanceof Parameter));
  }

  /** All buffers. */
  buffers(options: Pick<NamedParametersOptions, 'includeSublayers'> = {}): Tensor[] {
    return Array.from(this.namedBuffers(options), ([, buffer]) => buffer);
  }

  #attach(kind: string, name: string, value: unknown, sameKind: (current: unknown) => boolean): void {
    if (typeof name !== 'string') throw new InvalidArgumentError(`name must be a string, got ${describeValue(name)}`);
    if (name === '' || name.includes('.')) {
      throw new InvalidArgumentError(`name of a ${kind} must not be empty or hold a dot, got ${describeValue(name)}`);
    }
    const current = (this as Record<string, unknown>)[name];
    if (name in this && current !== null && !sameKind(current)) {
      throw new InvalidArgumentError(`${this.constructor.name} already has an attribute '${name}' that is no ${kind}`);
    }
    Object.assign(this, { [name]: value });
  }

  /** Adds a sublayer under a name that is not known when the class is written. Returns it. */
  addSublayer<L extends AnyLayer>(name: string, layer: L): L {
    if (!(layer instanceof Layer)) throw new InvalidArgumentError(`layer must be a Layer, got ${describeValue(layer)}`);
    this.#attach('layer', name, layer, (current) => current instanceof Layer);
    return layer;
  }

  /** Adds a parameter, or null for one that is left out. Returns it. */
  addParameter<P extends Parameter | null>(name: string, parameter: P): P {
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw new InvalidArgumentError(`parameter must be a Parameter or null, got ${describeValue(parameter)}`);
    }
    this.#attach('parameter', name, parameter, (current) => current instanceof Parameter);
    return parameter;
  }

  /**
   * Adds a buffer: a tensor that is not trained.
   *
   * @param options - `persistable`: whether it is part of the state dict. @defaultValue true
   */
  registerBuffer(name: string, tensor: Tensor | null, options: { readonly persistable?: boolean } = {}): void {
    checkOptions('registerBuffer', options, ['persistable']);
    if (tensor !== null && (!(tensor instanceof tf.Tensor) || tensor instanceof Parameter)) {
      throw new InvalidArgumentError(`tensor must be a Tensor or null, got ${describeValue(tensor)}`);
    }
    this.#attach('buffer', name, tensor, (current) => current instanceof tf.Tensor && !(current instanceof Parameter));
    if (options.persistable ?? true) this.#persistable.add(name);
    else this.#persistable.delete(name);
  }

  /** Makes a parameter of this layer; assign it to a property. Null when `attr` is false. */
  createParameter(
    shape: readonly number[],
    options: CreateParameterOptions & { readonly attr: ParamAttrLike | undefined },
  ): Parameter | null;
  createParameter(shape: readonly number[], options?: Omit<CreateParameterOptions, 'attr'>): Parameter;
  createParameter(shape: readonly number[], options: CreateParameterOptions = {}): Parameter | null {
    checkOptions('createParameter', options, ['attr', 'isBias', 'defaultInitializer']);
    const attr = toParamAttr(options.attr);
    if (attr === null) return null;
    const suffix = options.isBias ? 'b' : 'w';
    const name = attr.name ?? `${this.#fullName}.${suffix}_${this.#parameterCounts[suffix]++}`;
    return makeParameter(name, shape, attr, options);
  }

  /** Forgets the gradients of all parameters. */
  clearGradients(): void {
    for (const parameter of this.parameters()) parameter.clearGrad();
  }

  /**
   * Registers a function that runs before `forward`. What it returns, a value or an array of arguments, replaces the
   * inputs.
   */
  registerForwardPreHook(hook: (layer: this, inputs: Inputs) => Inputs | Inputs[0] | undefined | void): HookHandle {
    return this.#preHooks.add(hook as (layer: unknown, inputs: unknown[]) => unknown);
  }

  /** Registers a function that runs after `forward`. What it returns replaces the output. */
  registerForwardPostHook(
    hook: (layer: this, inputs: Inputs, output: Output) => Output | undefined | void,
  ): HookHandle {
    return this.#postHooks.add(hook as (layer: unknown, inputs: unknown[], output: unknown) => unknown);
  }

  /** Parameters and persistable buffers by structured name: the layer's own, then those of its sublayers, depth first. */
  stateDict(options: StateDictOptions = {}): StateDict {
    checkOptions('stateDict', options, ['includeSublayers', 'structuredNamePrefix']);
    const { includeSublayers = true, structuredNamePrefix: prefix = '' } = options;
    const state: StateDict = {};
    this.#collectState(prefix, includeSublayers, state);
    return state;
  }

  #collectState(prefix: string, deep: boolean, state: StateDict): void {
    for (const [name, value] of this.#ownTensors((tensor) => tensor instanceof Parameter)) state[prefix + name] = value;
    for (const [name, value] of this.#ownTensors((tensor) => !(tensor instanceof Parameter))) {
      if (this.#persistable.has(name)) state[prefix + name] = value;
    }
    if (!deep) return;
    for (const [name, value] of this.members()) {
      if (value instanceof Layer) (value as AnyLayer).#collectState(`${prefix}${name}.`, deep, state);
    }
  }

  /**
   * Takes over values by name. Missing keys and values of another shape are skipped with a warning.
   *
   * @returns the keys of the layer that were not set, and the keys of `state` that it does not have; a key whose shape
   * does not fit is in both
   */
  setStateDict(state: Readonly<Record<string, Tensor | NdArray>>, options: SetStateDictOptions = {}): LoadResult {
    checkOptions('setStateDict', options, ['useStructuredName']);
    return loadState(this, state, options.useStructuredName ?? true);
  }

  /** Replaces a buffer by its structured name. @internal */
  replaceBuffer(path: string, value: Tensor): void {
    const dot = path.indexOf('.');
    if (dot < 0) {
      (this as Record<string, unknown>)[path] = value;
      return;
    }
    for (const [name, child] of this.namedChildren()) {
      if (name === path.slice(0, dot)) child.replaceBuffer(path.slice(dot + 1), value);
    }
  }

  /** Another name of `setStateDict`. */
  setDict(state: Readonly<Record<string, Tensor | NdArray>>, options: SetStateDictOptions = {}): LoadResult {
    return this.setStateDict(state, options);
  }

  /** Another name of `setStateDict`. */
  loadDict(state: Readonly<Record<string, Tensor | NdArray>>, options: SetStateDictOptions = {}): LoadResult {
    return this.setStateDict(state, options);
  }

  /**
   * Accepted for compatibility: all layers compute on the device of `setDevice`, in float32.
   *
   * @throws `InvalidArgumentError` for another device than the one in use, and another type
   */
  to(options: ToOptions = {}): this {
    checkOptions('to', options, ['device', 'dtype', 'blocking']);
    const { device = getDevice(), dtype = 'float32' } = options;
    if (device !== getDevice()) {
      throw new InvalidArgumentError(
        `device must be the one in use, '${getDevice()}', got '${device}'; change it for all layers with setDevice('${device}')`,
      );
    }
    return this.astype(dtype);
  }

  /** Accepted for compatibility: parameters are float32. */
  astype(dtype: 'float32'): this {
    checkChoice('dtype', dtype, ['float32']);
    return this;
  }

  /** Accepted for compatibility: parameters are float32. */
  float(): this {
    return this.astype('float32');
  }

  /** Frees the storage of all parameters and buffers. */
  dispose(): void {
    for (const tensor of [...this.parameters(), ...this.buffers()]) tensor.dispose();
  }

  /** What the printed form shows between the brackets of the layer's own line. */
  extraRepr(): string {
    return '';
  }

  /** The layer and its sublayers as an indented tree. */
  toString(): string {
    const lines: string[] = [];
    for (const [name, child] of this.members()) {
      if (child instanceof Layer) lines.push(`  (${name}): ${String(child).replaceAll('\n', '\n  ')}`);
    }
    const extra = this.extraRepr();
    const name = this.constructor.name;
    if (lines.length === 0) return `${name}(${extra})`;
    return [`${name}(${extra}`, ...lines, ')'].join('\n');
  }
}

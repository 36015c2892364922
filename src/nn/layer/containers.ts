/**
 * Layers that hold layers.
 *
 * @module
 */
import { InvalidArgumentError, OutOfRangeError } from '../../common/errors.js';
import { checkInteger, describeValue } from '../../common/options.js';
import { Parameter } from '../parameter.js';
import type { Tensor } from '@tensorflow/tfjs-core';
import { Layer, type AnyLayer } from './layer.js';

/** The position that a possibly negative index stands for. */
function position(index: number, length: number): number {
  checkInteger('index', index);
  if (index < -length || index >= length) {
    throw new OutOfRangeError(`index must lie between ${-length} and ${length - 1}, got ${index}`);
  }
  return index < 0 ? index + length : index;
}

function checkLayer(value: unknown): AnyLayer {
  if (value instanceof Layer) return value as AnyLayer;
  throw new InvalidArgumentError(`layer must be a Layer, got ${describeValue(value)}`);
}

/** A layer, or a name and a layer. */
export type NamedLayer = AnyLayer | readonly [name: string, layer: AnyLayer];

/**
 * Runs layers one after the other.
 *
 * @example
 * ```ts
 * new Sequential(new Flatten(), new Linear(784, 10));
 * new Sequential(['flatten', new Flatten()], ['fc', new Linear(784, 10)]);
 * ```
 */
export class Sequential<Input = Tensor, Output = Tensor> extends Layer<[Input], Output> {
  readonly #layers = new Map<string, AnyLayer>();

  /** @param layers - layers, or pairs of a name and a layer; as arguments or as one array */
  constructor(...layers: NamedLayer[] | [readonly NamedLayer[]]) {
    super();
    const [first] = layers;
    const given = (layers.length === 1 && isList(first) ? first : layers) as readonly NamedLayer[];
    given.forEach((item, index) => {
      if (isPair(item)) this.#layers.set(item[0], checkLayer(item[1]));
      else this.#layers.set(String(index), checkLayer(item));
    });
  }

  protected override *members(): Generator<[string, unknown]> {
    yield* this.#layers;
    yield* super.members();
  }

  override forward(input: Input): Output {
    let value: unknown = input;
    for (const layer of this.#layers.values()) value = layer.forward(value);
    return value as Output;
  }

  /** Number of layers. */
  get length(): number {
    return this.#layers.size;
  }

  /** The layer at a position, counted from the end when negative. */
  at(index: number): AnyLayer {
    return checkLayer([...this.#layers.values()][position(index, this.length)]);
  }

  /** The layer of a name, or undefined. */
  get(name: string): AnyLayer | undefined {
    return this.#layers.get(name);
  }

  /** The layers from `start` to `end` (exclusive) as a new Sequential, named from '0'. */
  slice(start?: number, end?: number): Sequential<unknown, unknown> {
    return new Sequential<unknown, unknown>([...this.#layers.values()].slice(start, end));
  }

  /** Adds a layer at the end, or replaces the one of that name. */
  override addSublayer<L extends AnyLayer>(name: string, layer: L): L {
    this.#layers.set(name, checkLayer(layer));
    return layer;
  }

  /** Adds a layer at the end, named by its position. */
  append(layer: AnyLayer): this {
    this.#layers.set(String(this.length), checkLayer(layer));
    return this;
  }

  /** The layers in order. */
  [Symbol.iterator](): IterableIterator<AnyLayer> {
    return this.#layers.values();
  }
}

function isList(value: unknown): value is readonly NamedLayer[] {
  return Array.isArray(value) && !isPair(value);
}

function isPair(value: unknown): value is readonly [string, AnyLayer] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string';
}

/** A list of layers. It computes nothing by itself. */
export class LayerList<Inputs extends unknown[] = never[], Output = never> extends Layer<Inputs, Output> {
  readonly #layers: AnyLayer[] = [];

  constructor(layers: Iterable<AnyLayer> = []) {
    super();
    this.extend(layers);
  }

  protected override *members(): Generator<[string, unknown]> {
    for (const [index, layer] of this.#layers.entries()) yield [String(index), layer];
    yield* super.members();
  }

  /** Number of layers. */
  get length(): number {
    return this.#layers.length;
  }

  /** The layer at a position, counted from the end when negative. */
  at(index: number): AnyLayer {
    return checkLayer(this.#layers[position(index, this.length)]);
  }

  /** Replaces the layer at a position. */
  set(index: number, layer: AnyLayer): void {
    this.#layers[position(index, this.length)] = checkLayer(layer);
  }

  /** Adds a layer at the end. */
  append(layer: AnyLayer): this {
    this.#layers.push(checkLayer(layer));
    return this;
  }

  /** Adds layers at the end. */
  extend(layers: Iterable<AnyLayer>): this {
    for (const layer of layers) this.append(layer);
    return this;
  }

  /** Adds a layer before a position; later ones move up. */
  insert(index: number, layer: AnyLayer): void {
    this.#layers.splice(index === this.length ? index : position(index, this.length), 0, checkLayer(layer));
  }

  /** Takes the layer at a position out and returns it; later ones move down. */
  remove(index: number): AnyLayer {
    const [layer] = this.#layers.splice(position(index, this.length), 1);
    return checkLayer(layer);
  }

  /** The layers in order. */
  [Symbol.iterator](): IterableIterator<AnyLayer> {
    return this.#layers.values();
  }
}

/** Layers by name. It computes nothing by itself. */
export class LayerDict extends Layer<never[], never> {
  readonly #layers = new Map<string, AnyLayer>();

  constructor(layers: Readonly<Record<string, AnyLayer>> | Iterable<readonly [string, AnyLayer]> = {}) {
    super();
    this.update(layers);
  }

  protected override *members(): Generator<[string, unknown]> {
    yield* this.#layers;
    yield* super.members();
  }

  /** Number of layers. */
  get length(): number {
    return this.#layers.size;
  }

  /** The layer of a name, or undefined. */
  get(name: string): AnyLayer | undefined {
    return this.#layers.get(name);
  }

  /** Sets the layer of a name. */
  set(name: string, layer: AnyLayer): this {
    if (name === '' || name.includes('.')) {
      throw new InvalidArgumentError(`name must not be empty or hold a dot, got ${describeValue(name)}`);
    }
    this.#layers.set(name, checkLayer(layer));
    return this;
  }

  /** True when there is a layer of that name. */
  has(name: string): boolean {
    return this.#layers.has(name);
  }

  /** Takes the layer of a name out and returns it. */
  pop(name: string): AnyLayer {
    const layer = this.#layers.get(name);
    if (layer === undefined) throw new OutOfRangeError(`there is no layer ${describeValue(name)}`);
    this.#layers.delete(name);
    return layer;
  }

  /** Removes all layers. */
  clear(): void {
    this.#layers.clear();
  }

  /** Sets several layers. */
  update(layers: Readonly<Record<string, AnyLayer>> | Iterable<readonly [string, AnyLayer]>): void {
    const entries = Symbol.iterator in layers ? layers : Object.entries(layers);
    for (const [name, layer] of entries) this.set(name, layer);
  }

  /** The names, in order of insertion. */
  keys(): IterableIterator<string> {
    return this.#layers.keys();
  }

  /** The layers, in order of insertion. */
  values(): IterableIterator<AnyLayer> {
    return this.#layers.values();
  }

  /** Names and layers, in order of insertion. */
  entries(): IterableIterator<[string, AnyLayer]> {
    return this.#layers.entries();
  }
}

/** A list of parameters. It computes nothing by itself. */
export class ParameterList extends Layer<never[], never> {
  readonly #parameters: Parameter[] = [];

  constructor(parameters: Iterable<Parameter> = []) {
    super();
    for (const parameter of parameters) this.append(parameter);
  }

  protected override *members(): Generator<[string, unknown]> {
    for (const [index, parameter] of this.#parameters.entries()) yield [String(index), parameter];
    yield* super.members();
  }

  /** Number of parameters. */
  get length(): number {
    return this.#parameters.length;
  }

  /** The parameter at a position, counted from the end when negative. */
  at(index: number): Parameter {
    return checkParameter(this.#parameters[position(index, this.length)]);
  }

  /** Replaces the parameter at a position. */
  set(index: number, parameter: Parameter): void {
    this.#parameters[position(index, this.length)] = checkParameter(parameter);
  }

  /** Adds a parameter at the end. */
  append(parameter: Parameter): this {
    this.#parameters.push(checkParameter(parameter));
    return this;
  }

  /** The parameters in order. */
  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.#parameters.values();
  }
}

/** Parameters by name. It computes nothing by itself. */
export class ParameterDict extends Layer<never[], never> {
  readonly #parameters = new Map<string, Parameter>();

  constructor(parameters: Readonly<Record<string, Parameter>> | Iterable<readonly [string, Parameter]> = {}) {
    super();
    this.update(parameters);
  }

  protected override *members(): Generator<[string, unknown]> {
    yield* this.#parameters;
    yield* super.members();
  }

  /** Number of parameters. */
  get length(): number {
    return this.#parameters.size;
  }

  /** The parameter of a name, or undefined. */
  get(name: string): Parameter | undefined {
    return this.#parameters.get(name);
  }

  /** Sets the parameter of a name. */
  set(name: string, parameter: Parameter): this {
    if (name === '' || name.includes('.')) {
      throw new InvalidArgumentError(`name must not be empty or hold a dot, got ${describeValue(name)}`);
    }
    this.#parameters.set(name, checkParameter(parameter));
    return this;
  }

  /** Sets several parameters. */
  update(parameters: Readonly<Record<string, Parameter>> | Iterable<readonly [string, Parameter]>): void {
    const entries = Symbol.iterator in parameters ? parameters : Object.entries(parameters);
    for (const [name, parameter] of entries) this.set(name, parameter);
  }

  /** Names and parameters, in order of insertion. */
  entries(): IterableIterator<[string, Parameter]> {
    return this.#parameters.entries();
  }
}

function checkParameter(value: unknown): Parameter {
  if (value instanceof Parameter) return value;
  throw new InvalidArgumentError(`parameter must be a Parameter, got ${describeValue(value)}`);
}

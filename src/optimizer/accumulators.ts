/**
 * What an optimizer remembers of each parameter.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sameShape, type NdArray } from '../common/ndarray.js';
import { uniqueName } from '../nn/layer/names.js';
import { Parameter } from '../nn/parameter.js';
import { toTensor } from '../tensor/creation.js';
import { saveAsInt64, tensorDType } from '../tensor/dtype.js';

/** One kind of accumulator. */
export interface AccumulatorSpec {
  /** Paddle's name, such as `velocity`. */
  readonly name: string;
  /** First value of every element, or the name of the setting that holds it. @defaultValue 0 */
  readonly fill?: number | string;
  /** Shape, when it is not that of the parameter, or what makes it of that. */
  readonly shape?: readonly number[] | ((parameter: readonly number[]) => number[]);
  /** Element type in files; in memory `int64` is `int32`. @defaultValue 'float32' */
  readonly dtype?: 'float32' | 'int64';
}

/** Parameters, and the settings that hold for them. */
export interface AccumulatorOwners {
  readonly parameters: readonly Parameter[];
  readonly settings: object;
}

function firstValue(
  { fill = 0, shape, dtype = 'float32' }: AccumulatorSpec,
  parameter: Parameter,
  settings: object,
): Tensor {
  const value = typeof fill === 'number' ? fill : (settings as Record<string, number>)[fill]!;
  // In the parameter's order in memory where the shapes are the same.
  if (shape === undefined) return value === 0 ? tf.zerosLike(parameter) : tf.fill(parameter.shape, value);
  return tf.fill([...(typeof shape === 'function' ? shape(parameter.shape) : shape)], value, tensorDType(dtype));
}

/** The accumulators of an optimizer, in the order in which they are saved. */
export class Accumulators {
  readonly #specs: readonly AccumulatorSpec[];
  readonly #optimizerName: string | null;
  readonly #slots = new Map<Parameter, Record<string, Parameter>>();

  /** @param optimizerName - part of the names of the accumulators, or null */
  constructor(specs: readonly AccumulatorSpec[], optimizerName: string | null) {
    this.#specs = specs;
    this.#optimizerName = optimizerName;
  }

  /** The accumulators of a parameter by name. */
  of(parameter: Parameter): Readonly<Record<string, Parameter>> {
    return this.#slots.get(parameter) ?? {};
  }

  /** Makes the accumulators of parameters that have none yet. */
  create({ parameters, settings }: AccumulatorOwners): void {
    if (this.#specs.length === 0) return;
    for (const parameter of parameters) {
      if (this.#slots.has(parameter)) continue;
      const slots = this.#specs.map((spec) => {
        const middle = this.#optimizerName === null ? spec.name : `${this.#optimizerName}_${spec.name}`;
        return [
          spec.name,
          tf.tidy(() => {
            const value = firstValue(spec, parameter, settings);
            const slot = new Parameter(value, { name: uniqueName(`${parameter.name}_${middle}`), trainable: false });
            if (spec.dtype === 'int64') saveAsInt64(slot);
            return slot;
          }),
        ] as const;
      });
      this.#slots.set(parameter, Object.fromEntries(slots));
    }
  }

  #ofKind(name: string): Parameter[] {
    return Array.from(this.#slots.values(), (slots) => slots[name]).filter((slot) => slot !== undefined);
  }

  /** All accumulators by their own names: those of the first kind, then those of the second. */
  stateDict(): Record<string, Tensor> {
    const all = this.#specs.flatMap(({ name }) => this.#ofKind(name));
    return Object.fromEntries(all.map((slot) => [slot.name, slot]));
  }

  /** Restores saved accumulators of the given parameters, see {@link Optimizer.setStateDict}. */
  load(owners: readonly AccumulatorOwners[], state: Readonly<Record<string, Tensor | NdArray>>): void {
    if (Object.keys(state).length === 0) return;
    for (const owner of owners) this.create(owner);
    for (const { name } of this.#specs) {
      const slots = this.#ofKind(name);
      const keys = Object.keys(state).filter((key) => new RegExp(`_${name}_\\d+$`).test(key));
      const byName = slots.every((slot) => slot.name in state);
      if (!byName && keys.length !== slots.length) {
        const missing = slots.find((slot) => !(slot.name in state));
        throw new InvalidArgumentError(
          `the state holds ${keys.length} accumulators '${name}' for ${slots.length} parameters; missing is ${missing?.name}`,
        );
      }
      slots.forEach((slot, index) => assign(slot, byName ? slot.name : (keys[index] ?? ''), state));
    }
  }
}

function assign(slot: Parameter, key: string, state: Readonly<Record<string, Tensor | NdArray>>): void {
  const value = state[key];
  if (value === undefined) throw new InvalidArgumentError(`the state does not hold ${key}`);
  if (!sameShape(value.shape, slot.shape)) {
    throw new ShapeMismatchError(
      `${key} has shape [${value.shape.join(', ')}], the accumulator ${slot.name} needs [${slot.shape.join(', ')}]`,
    );
  }
  if (value instanceof tf.Tensor) slot.setValue(value);
  else tf.tidy(() => slot.setValue(toTensor(value)));
}

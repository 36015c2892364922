/**
 * How a parameter is made.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { checkBoolean, checkNumber, checkOptions, describeValue } from '../common/options.js';
import type { Regularizer } from '../regularizer/index.js';
import { Initializer } from './initializer/initializer.js';

/** Options of {@link ParamAttr}. */
export interface ParamAttrOptions {
  /** Name of the parameter. @defaultValue made from the layer's name */
  readonly name?: string | null;
  /** First values. @defaultValue the layer's own */
  readonly initializer?: Initializer | null;
  /** Factor on the optimizer's learning rate. @defaultValue 1 */
  readonly learningRate?: number;
  /** Regulariser that replaces the optimizer's. @defaultValue null */
  readonly regularizer?: Regularizer | null;
  /** Whether an optimizer changes the parameter. @defaultValue true */
  readonly trainable?: boolean;
  /** Accepted for compatibility; models are not averaged. @defaultValue true */
  readonly doModelAverage?: boolean;
  /** Whether gradient clipping takes the parameter in. @defaultValue true */
  readonly needClip?: boolean;
}

/**
 * Attributes of a parameter that a layer makes.
 *
 * @example
 * ```ts
 * new Linear(2, 3, { weightAttr: new ParamAttr({ initializer: new Constant(0), learningRate: 0.5 }) });
 * ```
 */
export class ParamAttr {
  /** Name of the parameter, or null for the layer's choice. */
  readonly name: string | null;
  /** First values, or null for the layer's choice. */
  readonly initializer: Initializer | null;
  /** Factor on the optimizer's learning rate. */
  readonly learningRate: number;
  /** Regulariser that replaces the optimizer's, or null. */
  readonly regularizer: Regularizer | null;
  /** Whether an optimizer changes the parameter. */
  readonly trainable: boolean;
  /** Whether gradient clipping takes the parameter in. */
  readonly needClip: boolean;

  constructor(options: ParamAttrOptions = {}) {
    checkOptions('ParamAttr', options, [
      'name',
      'initializer',
      'learningRate',
      'regularizer',
      'trainable',
      'doModelAverage',
      'needClip',
    ]);
    this.name = options.name ?? null;
    this.initializer = options.initializer ?? null;
    this.learningRate = checkNumber('learningRate', options.learningRate ?? 1);
    this.regularizer = options.regularizer ?? null;
    this.trainable = checkBoolean('trainable', options.trainable ?? true);
    this.needClip = checkBoolean('needClip', options.needClip ?? true);
  }
}

/**
 * What layers take as `weightAttr` and `biasAttr`: attributes, or in short a name, an initialiser or a regulariser;
 * null or true for the defaults, false for no parameter at all.
 */
export type ParamAttrLike = ParamAttr | Initializer | Regularizer | string | boolean | null;

/** The attributes that a short form stands for, or null for no parameter. */
export function toParamAttr(attr: ParamAttrLike | undefined): ParamAttr | null {
  if (attr === false) return null;
  if (attr === undefined || attr === null || attr === true) return new ParamAttr();
  if (attr instanceof ParamAttr) return attr;
  if (typeof attr === 'string') return new ParamAttr({ name: attr });
  if (attr instanceof Initializer) return new ParamAttr({ initializer: attr });
  if (typeof attr === 'object' && 'coeff' in attr) return new ParamAttr({ regularizer: attr });
  throw new InvalidArgumentError(
    `attr must be a ParamAttr, a name, an Initializer, a regularizer or a boolean, got ${describeValue(attr)}`,
  );
}

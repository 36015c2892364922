import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { enableGrad, noGrad } from '../autograd/index.js';
import { InvalidArgumentError } from '../common/errors.js';
import { NdArray } from '../common/ndarray.js';
import { checkChoice, checkInteger, checkNumber, checkOptions, describeValue } from '../common/options.js';
import type { GradientClip, ParameterGradient } from '../nn/clip.js';
import type { Parameter } from '../nn/parameter.js';
import type { Regularizer } from '../regularizer/index.js';
import { addScaled, dot, largest, scaled } from './flat-vectors.js';
import { strongWolfe } from './line-search.js';
import { Optimizer, type OptimizerStateDict, type ParameterGroup } from './optimizer.js';

/** Options of {@link LBFGS}. */
export interface LBFGSOptions {
  /** Length of a step, or the first one of the line search. @defaultValue 1 */
  readonly learningRate?: number;
  /** Iterations in a call of `step`. @defaultValue 20 */
  readonly maxIter?: number;
  /** Evaluations of the function in a call of `step`. @defaultValue 1.25 times `maxIter`, rounded down */
  readonly maxEval?: number | null;
  /** Ends a step where no element of the gradient is larger. @defaultValue 1e-7 */
  readonly toleranceGrad?: number;
  /** Ends a step where function or parameters change by less. @defaultValue 1e-9 */
  readonly toleranceChange?: number;
  /** Number of past changes that the curvature is estimated from. @defaultValue 100 */
  readonly historySize?: number;
  /** How to find the length of a step; null takes the learning rate. @defaultValue null */
  readonly lineSearchFn?: 'strong_wolfe' | null;
  /** What to optimise. */
  readonly parameters?: readonly Parameter[] | readonly Pick<ParameterGroup, 'params'>[] | null;
  /** Without effect, as in Paddle; add the penalty to the loss instead. @defaultValue null */
  readonly weightDecay?: number | Regularizer | null;
  /** Without effect, as in Paddle. @defaultValue null */
  readonly gradClip?: GradientClip | null;
  /** Accepted for compatibility. @defaultValue null */
  readonly name?: string | null;
}

/** A past change of the parameters, and that of the gradient. */
interface Change {
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
}

/** What is kept from one call of `step` to the next. */
interface Memory {
  evaluations: number;
  iterations: number;
  direction: Float32Array;
  step: number;
  changes: Change[];
  /** Scale of the first estimate of the inverse Hessian. */
  scale: number;
  gradient: Float32Array;
  loss: number;
}

const emptyMemory = (): Memory => ({
  evaluations: 0,
  iterations: 0,
  direction: new Float32Array(0),
  step: 0,
  changes: [],
  scale: 1,
  gradient: new Float32Array(0),
  loss: 0,
});

/** The product of the estimated inverse Hessian and a vector (Nocedal and Wright, algorithm 7.4). */
function twoLoops({ changes, scale }: Memory, vector: Float32Array): Float32Array {
  const shares: number[] = [];
  let result = vector;
  for (const { parameters, gradient } of [...changes].reverse()) {
    const share = dot(parameters, result) / dot(gradient, parameters);
    shares.unshift(share);
    result = addScaled(result, -share, gradient);
  }
  result = scaled(result, scale);
  changes.forEach(({ parameters, gradient }, i) => {
    const share = dot(gradient, result) / dot(gradient, parameters);
    result = addScaled(result, shares[i]! - share, parameters);
  });
  return result;
}

/**
 * L-BFGS (Liu and Nocedal, 1989), for functions without noise: it estimates the curvature from past gradients. A step
 * takes a function that evaluates the loss, which it calls several times.
 *
 * @example
 * ```ts
 * const optimizer = new LBFGS({ lineSearchFn: 'strong_wolfe', parameters: network.parameters() });
 * optimizer.step(() => {
 *   optimizer.clearGrad();
 *   const loss = criterion.forward(network.forward(inputs), targets);
 *   loss.backward();
 *   return loss;
 * });
 * ```
 */
export class LBFGS extends Optimizer {
  readonly #maxIter: number;
  readonly #maxEval: number;
  readonly #toleranceGrad: number;
  readonly #toleranceChange: number;
  readonly #historySize: number;
  readonly #lineSearch: boolean;
  #memory = emptyMemory();

  constructor(options: LBFGSOptions = {}) {
    checkOptions('LBFGS', options, [
      'learningRate',
      'maxIter',
      'maxEval',
      'toleranceGrad',
      'toleranceChange',
      'historySize',
      'lineSearchFn',
      'parameters',
      'weightDecay',
      'gradClip',
      'name',
    ]);
    const learningRate = checkNumber('learningRate', options.learningRate ?? 1);
    const { parameters = null, weightDecay = null, gradClip = null, name = null } = options;
    super({ learningRate, parameters, weightDecay, gradClip, name }, [], {});
    this.#maxIter = checkInteger('maxIter', options.maxIter ?? 20, 1);
    this.#maxEval = checkInteger('maxEval', options.maxEval ?? Math.floor((this.#maxIter * 5) / 4), 1);
    this.#toleranceGrad = checkNumber('toleranceGrad', options.toleranceGrad ?? 1e-7, 0);
    this.#toleranceChange = checkNumber('toleranceChange', options.toleranceChange ?? 1e-9, 0);
    this.#historySize = checkInteger('historySize', options.historySize ?? 100, 1);
    const search = options.lineSearchFn ?? null;
    this.#lineSearch = search !== null && checkChoice('lineSearchFn', search, ['strong_wolfe']) !== undefined;
  }

  protected update(): void {
    throw new InvalidArgumentError('LBFGS changes all parameters together: call step(closure)');
  }

  /** Not available: the loss has to be evaluated several times. */
  override minimize(): ParameterGradient[] {
    throw new InvalidArgumentError('LBFGS has no minimize: call step(closure)');
  }

  #gradients(parameters: readonly Parameter[]): Float32Array {
    return flatten(parameters, ({ grad }) => grad);
  }

  #evaluate(closure: () => Tensor): number {
    return tf.tidy(() => enableGrad(closure).item());
  }

  #estimate(memory: Memory, gradient: Float32Array): void {
    if (memory.iterations === 1) {
      memory.direction = scaled(gradient, -1);
      return;
    }
    const change = {
      gradient: addScaled(gradient, -1, memory.gradient),
      parameters: scaled(memory.direction, memory.step),
    };
    const curvature = dot(change.gradient, change.parameters);
    if (curvature > 1e-10) {
      if (memory.changes.length === this.#historySize) memory.changes.shift();
      memory.changes.push(change);
      memory.scale = curvature / dot(change.gradient, change.gradient);
    }
    memory.direction = twoLoops(memory, scaled(gradient, -1));
  }

  /**
   * Takes up to `maxIter` steps towards the least loss.
   *
   * @param closure - clears the gradients, computes the loss, calls `backward` and returns the loss, a scalar
   * @returns the loss before the first step
   */
  override step(closure?: () => Tensor): Tensor {
    if (typeof closure !== 'function') {
      throw new InvalidArgumentError(
        `LBFGS.step needs a function that evaluates the loss, got ${describeValue(closure)}`,
      );
    }
    const parameters = this.boundParameters().filter(({ trainable }) => trainable);
    const memory = this.#memory;
    const first = tf.tidy(() => enableGrad(closure));
    let loss = first.item();
    let evaluations = 1;
    memory.evaluations++;
    let gradient = this.#gradients(parameters);
    if (largest(gradient) <= this.#toleranceGrad) return first;

    for (let iteration = 1; iteration <= this.#maxIter; iteration++) {
      memory.iterations++;
      this.#estimate(memory, gradient);
      memory.gradient = gradient;
      const before = loss;
      const { direction } = memory;
      const rate = this.getLr();
      const norm1 = gradient.reduce((sum, value) => sum + Math.abs(value), 0);
      memory.step = memory.iterations === 1 ? Math.min(1, 1 / norm1) * rate : rate;
      const slope = dot(gradient, direction);
      if (slope > -this.#toleranceChange) break;

      const start = flatten(parameters, (parameter) => parameter);
      const moveTo = (step: number) => assignAll(parameters, addScaled(start, step, direction));
      let used = 0;
      if (this.#lineSearch) {
        const evaluate = (step: number) => {
          moveTo(step);
          return { value: this.#evaluate(closure), gradient: this.#gradients(parameters) };
        };
        const origin = { step: 0, value: loss, gradient, slope };
        const found = strongWolfe(evaluate, direction, origin, memory.step, this.#toleranceChange);
        ({ value: loss, gradient, step: memory.step } = found.point);
        used = found.evaluations;
        moveTo(memory.step);
      } else {
        moveTo(memory.step);
        // After the last iteration nobody asks for the loss.
        if (iteration < this.#maxIter) {
          loss = this.#evaluate(closure);
          gradient = this.#gradients(parameters);
          used = 1;
        }
      }
      evaluations += used;
      memory.evaluations += used;
      memory.loss = before;
      const ended =
        largest(gradient) <= this.#toleranceGrad ||
        largest(direction) * Math.abs(memory.step) <= this.#toleranceChange ||
        Math.abs(loss - before) < this.#toleranceChange ||
        evaluations >= this.#maxEval;
      if (ended) break;
    }
    return first;
  }

  /** What it knows of the function, under the names of Paddle; vectors hold all parameters behind each other. */
  override stateDict(): OptimizerStateDict {
    const { evaluations, iterations, direction, step, changes, scale, gradient, loss } = this.#memory;
    if (iterations === 0) return {};
    const array = (values: Float32Array) => new NdArray(values.slice(), [values.length]);
    return {
      state: {
        func_evals: evaluations,
        n_iter: iterations,
        d: array(direction),
        alpha: step,
        old_yk: changes.map((change) => array(change.gradient)),
        old_sk: changes.map((change) => array(change.parameters)),
        H_diag: scale,
        prev_flat_grad: array(gradient),
        prev_loss: loss,
      },
    };
  }

  override setStateDict(state: OptimizerStateDict): void {
    const saved = (state.state ?? {}) as Record<string, unknown>;
    if (Object.keys(saved).length === 0) {
      this.#memory = emptyMemory();
      return;
    }
    const gradients = readVectors('old_yk', saved.old_yk);
    const parameters = readVectors('old_sk', saved.old_sk);
    if (gradients.length !== parameters.length) {
      throw new InvalidArgumentError('state.old_yk and state.old_sk must hold as many vectors');
    }
    this.#memory = {
      evaluations: checkInteger('state.func_evals', saved.func_evals, 0),
      iterations: checkInteger('state.n_iter', saved.n_iter, 1),
      direction: readVector('d', saved.d),
      step: readNumber('alpha', saved.alpha),
      changes: gradients.map((gradient, i) => ({ gradient, parameters: parameters[i]! })),
      scale: readNumber('H_diag', saved.H_diag),
      gradient: readVector('prev_flat_grad', saved.prev_flat_grad),
      loss: readNumber('prev_loss', saved.prev_loss),
    };
  }
}

/** A tensor of each parameter, in one vector; zeros where there is none. */
function flatten(parameters: readonly Parameter[], tensorOf: (parameter: Parameter) => Tensor | null): Float32Array {
  const vector = new Float32Array(parameters.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const parameter of parameters) {
    const tensor = tensorOf(parameter);
    if (tensor) vector.set(tensor.dataSync(), offset);
    offset += parameter.size;
  }
  return vector;
}

function assignAll(parameters: readonly Parameter[], vector: Float32Array): void {
  noGrad(() =>
    tf.tidy(() => {
      let offset = 0;
      for (const parameter of parameters) {
        parameter.assign(tf.tensor(vector.slice(offset, offset + parameter.size), parameter.shape));
        offset += parameter.size;
      }
    }),
  );
}

function readVector(name: string, value: unknown): Float32Array {
  if (value instanceof tf.Tensor) return Float32Array.from(value.dataSync());
  if (value instanceof NdArray) return Float32Array.from(value.data as Float32Array);
  throw new InvalidArgumentError(`state.${name} must be a vector, got ${describeValue(value)}`);
}

function readVectors(name: string, value: unknown): Float32Array[] {
  if (Array.isArray(value)) return value.map((item, i) => readVector(`${name}[${i}]`, item));
  throw new InvalidArgumentError(`state.${name} must be an array of vectors, got ${describeValue(value)}`);
}

/** A number, which Paddle keeps as a tensor of one element in places. */
function readNumber(name: string, value: unknown): number {
  return checkNumber(`state.${name}`, typeof value === 'number' ? value : readVector(name, value)[0]);
}

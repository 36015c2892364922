/**
 * Initialisers whose spread follows from the number of inputs and outputs of a weight.
 *
 * @module
 */
import { checkChoice, checkNumber, checkOptions } from '../../common/options.js';
import type { Distribution } from '../../engine/index.js';
import { Drawn } from './drawn.js';
import { fansOf } from './initializer.js';

/** Options of the initialisers of Glorot and Bengio. */
export interface XavierOptions {
  /** Number of inputs. @defaultValue that of the weight */
  readonly fanIn?: number | null;
  /** Number of outputs. @defaultValue that of the weight */
  readonly fanOut?: number | null;
  /** Factor on the spread. @defaultValue 1 */
  readonly gain?: number;
}

/** Options of the initialisers of He et al. */
export interface KaimingOptions {
  /** Number of inputs. @defaultValue that of the weight */
  readonly fanIn?: number | null;
  /** Slope of a leaky ReLU for negative inputs. @defaultValue 0 */
  readonly negativeSlope?: number;
  /** The function that follows the layer. @defaultValue 'relu' */
  readonly nonlinearity?: Nonlinearity;
  /** Whether the spread follows from the inputs or the outputs of the weight. @defaultValue 'fan_in' */
  readonly mode?: 'fan_in' | 'fan_out';
}

/** Functions that {@link calculateGain} knows. */
export type Nonlinearity =
  'sigmoid' | 'linear' | 'conv1d' | 'conv2d' | 'conv3d' | 'tanh' | 'relu' | 'leaky_relu' | 'selu';

const gains: Readonly<Record<Nonlinearity, number>> = {
  sigmoid: 1,
  linear: 1,
  conv1d: 1,
  conv2d: 1,
  conv3d: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  leaky_relu: Math.SQRT2,
  selu: 3 / 4,
};

/**
 * The factor that keeps the variance of activations constant through a function.
 *
 * @param param - slope of a leaky ReLU. @defaultValue 0.01
 */
export function calculateGain(nonlinearity: Nonlinearity, param?: number): number {
  checkChoice('nonlinearity', nonlinearity, Object.keys(gains) as Nonlinearity[]);
  if (nonlinearity === 'leaky_relu') return Math.sqrt(2 / (1 + (param ?? 0.01) ** 2));
  return gains[nonlinearity];
}

abstract class Xavier extends Drawn {
  readonly #options: XavierOptions;

  constructor(options: XavierOptions = {}) {
    super();
    checkOptions(new.target.name, options, ['fanIn', 'fanOut', 'gain']);
    this.#options = options;
  }

  /** `gain * sqrt(2 / (fanIn + fanOut))` (Glorot and Bengio, 2010, equation 12). */
  protected std(shape: readonly number[]): number {
    const { fanIn, fanOut } = fansOf(shape);
    const { gain = 1, fanIn: inputs, fanOut: outputs } = this.#options;
    return checkNumber('gain', gain) * Math.sqrt(2 / ((inputs ?? fanIn) + (outputs ?? fanOut)));
  }
}

abstract class Kaiming extends Drawn {
  readonly #options: KaimingOptions;

  constructor(options: KaimingOptions = {}) {
    super();
    checkOptions(new.target.name, options, ['fanIn', 'negativeSlope', 'nonlinearity', 'mode']);
    checkChoice('mode', options.mode ?? 'fan_in', ['fan_in', 'fan_out']);
    this.#options = options;
  }

  /** `gain / sqrt(fanIn)` (He et al., 2015, equation 10). */
  protected std(shape: readonly number[]): number {
    const { fanIn, negativeSlope = 0, nonlinearity = 'relu', mode = 'fan_in' } = this.#options;
    const fans = fansOf(shape);
    return (
      calculateGain(nonlinearity, negativeSlope) / Math.sqrt(fanIn ?? (mode === 'fan_in' ? fans.fanIn : fans.fanOut))
    );
  }
}

function uniformOf(std: number): Distribution {
  return { kind: 'uniform', low: -Math.sqrt(3) * std, high: Math.sqrt(3) * std };
}

/** Uniform in ±gain·√(6 / (fanIn + fanOut)). */
export class XavierUniform extends Xavier {
  /** @hidden */
  protected distribution(shape: readonly number[]): Distribution {
    return uniformOf(this.std(shape));
  }
}

/** Normal with the standard deviation gain·√(2 / (fanIn + fanOut)). */
export class XavierNormal extends Xavier {
  /** @hidden */
  protected distribution(shape: readonly number[]): Distribution {
    return { kind: 'normal', mean: 0, std: this.std(shape) };
  }
}

/** Uniform in ±gain·√(3 / fanIn). */
export class KaimingUniform extends Kaiming {
  /** @hidden */
  protected distribution(shape: readonly number[]): Distribution {
    return uniformOf(this.std(shape));
  }
}

/** Normal with the standard deviation gain / √fanIn. */
export class KaimingNormal extends Kaiming {
  /** @hidden */
  protected distribution(shape: readonly number[]): Distribution {
    return { kind: 'normal', mean: 0, std: this.std(shape) };
  }
}

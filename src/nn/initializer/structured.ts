/**
 * Initialisers of filters and matrices with a structure.
 *
 * @module
 */
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { sizeOf } from '../../common/ndarray.js';
import { checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { nextStream } from '../../common/random.js';
import { Initializer } from './initializer.js';

/** Options of {@link Dirac}. */
export interface DiracOptions {
  /** Number of groups that the output channels fall into. @defaultValue 1 */
  readonly groups?: number;
}

/** Filters that hand their input channels on (Zagoruyko and Komodakis, 2017): one at the centre, else zeros. */
export class Dirac extends Initializer {
  readonly #groups: number;

  constructor(options: DiracOptions = {}) {
    super();
    checkOptions('Dirac', options, ['groups']);
    this.#groups = checkInteger('groups', options.groups ?? 1, 1);
  }

  values(shape: readonly number[]): Float32Array {
    const [outputs = 0, inputs = 0, ...kernel] = shape;
    if (shape.length < 3 || shape.length > 5) {
      throw new ShapeMismatchError(`Dirac is for filters of 3 to 5 axes, got shape [${shape.join(', ')}]`);
    }
    if (outputs % this.#groups !== 0) {
      throw new InvalidArgumentError(`groups of Dirac must divide the ${outputs} output channels, got ${this.#groups}`);
    }
    const filters = new Float32Array(sizeOf(shape));
    const taps = sizeOf(kernel);
    const centre = kernel.reduce((place, length) => place * length + Math.floor(length / 2), 0);
    const perGroup = outputs / this.#groups;
    for (let output = 0; output < outputs; output++) {
      const channel = output % perGroup;
      if (channel < inputs) filters[(output * inputs + channel) * taps + centre] = 1;
    }
    return filters;
  }
}

/** Filters of a transposed convolution that resize by linear interpolation; for square kernels [C, 1, k, k]. */
export class Bilinear extends Initializer {
  values(shape: readonly number[]): Float32Array {
    const [, , height = 0, width = 0] = shape;
    if (shape.length !== 4 || height !== width) {
      throw new ShapeMismatchError(`Bilinear is for square filters of 4 axes, got shape [${shape.join(', ')}]`);
    }
    const factor = Math.ceil(width / 2);
    const centre = (2 * factor - 1 - (factor % 2)) / (2 * factor);
    const share = (place: number) => 1 - Math.abs(place / factor - centre);
    return Float32Array.from({ length: sizeOf(shape) }, (_, index) => {
      return share(index % width) * share(Math.floor(index / width) % width);
    });
  }
}

/** Options of {@link Orthogonal}. */
export interface OrthogonalOptions {
  /** Factor on the matrix. @defaultValue 1 */
  readonly gain?: number;
}

/** A random matrix with orthogonal rows or columns, whichever are fewer (Saxe et al., 2014). */
export class Orthogonal extends Initializer {
  readonly #gain: number;

  constructor(options: OrthogonalOptions = {}) {
    super();
    checkOptions('Orthogonal', options, ['gain']);
    this.#gain = checkNumber('gain', options.gain ?? 1);
  }

  values(shape: readonly number[]): Float32Array {
    if (shape.length < 2) {
      throw new ShapeMismatchError(`Orthogonal is for two axes or more, got shape [${shape.join(', ')}]`);
    }
    const rows = shape[0] ?? 0;
    const columns = sizeOf(shape) / rows;
    const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
    const stream = nextStream('initializer');
    const vectors: Float64Array[] = [];
    while (vectors.length < count) {
      const vector = Float64Array.from({ length }, () => stream.normal());
      // Gram and Schmidt, twice: once is not exact enough.
      for (let pass = 0; pass < 2; pass++) {
        for (const other of vectors) {
          const product = other.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0);
          for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? 0) - product * (other[i] ?? 0);
        }
      }
      const norm = Math.hypot(...vector);
      if (norm > 1e-6) vectors.push(vector.map((value) => value / norm));
    }
    return Float32Array.from({ length: rows * columns }, (_, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      return this.#gain * ((rows <= columns ? vectors[row]?.[column] : vectors[column]?.[row]) ?? 0);
    });
  }
}

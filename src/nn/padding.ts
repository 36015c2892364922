/**
 * Padding layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkChoice, checkInteger, checkNumber, checkOptions, describeValue } from '../common/options.js';
import { checkAxes, floatText } from './functional/arguments.js';
import { pad, type PadMode } from './functional/pad.js';
import type { DataFormat1D } from './functional/sequence.js';
import type { DataFormat } from './functional/spatial.js';
import { Layer } from './layer/layer.js';

/** One number for all sides, `[left, right]` of sequences, or `[left, right, top, bottom]` of images. */
export type PadSides = number | readonly number[];

type Format = DataFormat1D | DataFormat;

/** What the padding layers share. */
abstract class PadBase extends Layer {
  readonly #sides: readonly number[];
  readonly #mode: 'constant' | PadMode;
  readonly #value: number;
  readonly #dataFormat: Format;
  readonly #rank: 3 | 4;

  protected constructor(
    rank: 3 | 4,
    padding: PadSides,
    mode: 'constant' | PadMode,
    value: number,
    dataFormat: Format | undefined,
  ) {
    super();
    const count = 2 * (rank - 2);
    const sides = typeof padding === 'number' ? Array.from({ length: count }, () => padding) : [...padding];
    if (sides.length !== count) {
      throw new InvalidArgumentError(`padding must be an integer or ${count} of them, got ${describeValue(padding)}`);
    }
    this.#sides = sides.map((length, side) => checkInteger(`padding[${side}]`, length, 0));
    this.#mode = checkChoice('mode', mode, ['constant', 'reflect', 'replicate', 'circular']);
    this.#value = checkNumber('value', value);
    const formats: readonly Format[] = rank === 3 ? ['NCL', 'NLC'] : ['NCHW', 'NHWC'];
    this.#dataFormat = checkChoice('dataFormat', dataFormat ?? (rank === 3 ? 'NCL' : 'NCHW'), formats);
    this.#rank = rank;
  }

  override forward(x: Tensor): Tensor {
    checkAxes(this.constructor.name, 'an input', x, [this.#rank]);
    return pad(x, this.#sides, { mode: this.#mode, value: this.#value, dataFormat: this.#dataFormat });
  }

  override extraRepr(): string {
    const sides = `[${this.#sides.join(', ')}]`;
    return `padding=${sides}, mode=${this.#mode}, value=${floatText(this.#value)}, data_format=${this.#dataFormat}`;
  }
}

/** Options of padding layers of one mode. */
export interface FixedPadOptions<F extends DataFormat1D | DataFormat> {
  /** Order of the axes of input and output. @defaultValue channels second */
  readonly dataFormat?: F;
}

/** Options of {@link Pad1D} and {@link Pad2D}. */
export interface PadOptions<F extends DataFormat1D | DataFormat> extends FixedPadOptions<F> {
  /** What the padding holds. @defaultValue 'constant' */
  readonly mode?: 'constant' | PadMode;
  /** Value of the padding of mode 'constant'. @defaultValue 0 */
  readonly value?: number;
}

/** Extends sequences [N, C, L], see {@link functional.pad}. */
export class Pad1D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: PadOptions<DataFormat1D> = {}) {
    checkOptions('Pad1D', options, ['mode', 'value', 'dataFormat']);
    super(3, padding, options.mode ?? 'constant', options.value ?? 0, options.dataFormat);
  }
}

/** Extends sequences [N, C, L] by zeros. */
export class ZeroPad1D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: FixedPadOptions<DataFormat1D> = {}) {
    checkOptions('ZeroPad1D', options, ['dataFormat']);
    super(3, padding, 'constant', 0, options.dataFormat);
  }
}

/** Extends sequences [N, C, L] by a number. */
export class ConstantPad1D extends PadBase {
  /**
   * @param padding - for all sides, or each
   * @param value - what the padding holds
   */
  constructor(padding: PadSides, value: number, options: FixedPadOptions<DataFormat1D> = {}) {
    checkOptions('ConstantPad1D', options, ['dataFormat']);
    super(3, padding, 'constant', value, options.dataFormat);
  }
}

/** Extends sequences [N, C, L] by their mirror image without the edge. */
export class ReflectionPad1D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: FixedPadOptions<DataFormat1D> = {}) {
    checkOptions('ReflectionPad1D', options, ['dataFormat']);
    super(3, padding, 'reflect', 0, options.dataFormat);
  }
}

/** Extends sequences [N, C, L] by their edge. */
export class ReplicationPad1D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: FixedPadOptions<DataFormat1D> = {}) {
    checkOptions('ReplicationPad1D', options, ['dataFormat']);
    super(3, padding, 'replicate', 0, options.dataFormat);
  }
}

/** Extends sequences [N, C, L] by their other end. */
export class CircularPad1D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: FixedPadOptions<DataFormat1D> = {}) {
    checkOptions('CircularPad1D', options, ['dataFormat']);
    super(3, padding, 'circular', 0, options.dataFormat);
  }
}

/** Extends images [N, C, H, W], see {@link functional.pad}. */
export class Pad2D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: PadOptions<DataFormat> = {}) {
    checkOptions('Pad2D', options, ['mode', 'value', 'dataFormat']);
    super(4, padding, options.mode ?? 'constant', options.value ?? 0, options.dataFormat);
  }
}

/** Extends images [N, C, H, W] by zeros. */
export class ZeroPad2D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: FixedPadOptions<DataFormat> = {}) {
    checkOptions('ZeroPad2D', options, ['dataFormat']);
    super(4, padding, 'constant', 0, options.dataFormat);
  }
}

/** Extends images [N, C, H, W] by a number. */
export class ConstantPad2D extends PadBase {
  /**
   * @param padding - for all sides, or each
   * @param value - what the padding holds
   */
  constructor(padding: PadSides, value: number, options: FixedPadOptions<DataFormat> = {}) {
    checkOptions('ConstantPad2D', options, ['dataFormat']);
    super(4, padding, 'constant', value, options.dataFormat);
  }
}

/** Extends images [N, C, H, W] by their mirror image without the edge. */
export class ReflectionPad2D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: FixedPadOptions<DataFormat> = {}) {
    checkOptions('ReflectionPad2D', options, ['dataFormat']);
    super(4, padding, 'reflect', 0, options.dataFormat);
  }
}

/** Extends images [N, C, H, W] by their edge. */
export class ReplicationPad2D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: FixedPadOptions<DataFormat> = {}) {
    checkOptions('ReplicationPad2D', options, ['dataFormat']);
    super(4, padding, 'replicate', 0, options.dataFormat);
  }
}

/** Extends images [N, C, H, W] by their other end. */
export class CircularPad2D extends PadBase {
  /** @param padding - for all sides, or each */
  constructor(padding: PadSides, options: FixedPadOptions<DataFormat> = {}) {
    checkOptions('CircularPad2D', options, ['dataFormat']);
    super(4, padding, 'circular', 0, options.dataFormat);
  }
}

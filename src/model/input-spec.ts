/**
 * Descriptions of a model's inputs and labels.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { checkInteger, checkOptions, describeValue } from '../common/options.js';

/** Options of {@link InputSpec}. */
export interface InputSpecOptions {
  /** Element type. @defaultValue 'float32' */
  readonly dtype?: string;
  /** Name; {@link Model} needs one. @defaultValue null */
  readonly name?: string | null;
}

/** Shape, element type and name of an input or a label of a model, as `paddle.static.InputSpec`. */
export class InputSpec {
  /** Length of each axis; null where any length will do, such as the batch. */
  readonly shape: readonly (number | null)[];
  /** Element type. */
  readonly dtype: string;
  /** Name, or null. */
  readonly name: string | null;

  /**
   * @param shape - length of each axis; null or -1 where any length will do
   * @throws `InvalidArgumentError` when a length is not a positive integer
   */
  constructor(shape: readonly (number | null)[], options: InputSpecOptions = {}) {
    checkOptions('InputSpec', options, ['dtype', 'name']);
    if (!Array.isArray(shape)) {
      throw new InvalidArgumentError(`shape must be an array of lengths, got ${describeValue(shape)}`);
    }
    this.shape = shape.map((length: number | null, axis) =>
      length === null || length === -1 ? null : checkInteger(`shape[${axis}]`, length, 1),
    );
    this.dtype = options.dtype ?? 'float32';
    this.name = options.name ?? null;
  }

  /** Such as `InputSpec(shape=[null, 1, 28, 28], dtype=float32, name=image)`. */
  toString(): string {
    const shape = this.shape.map(String).join(', ');
    return `InputSpec(shape=[${shape}], dtype=${this.dtype}, name=${this.name})`;
  }
}

/**
 * A list of specifications of a model's constructor.
 *
 * @throws `InvalidArgumentError` when something else comes, or one has no name
 */
export function toSpecs(
  argument: string,
  specs: InputSpec | readonly InputSpec[] | null | undefined,
): readonly InputSpec[] | undefined {
  if (specs === null || specs === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(specs) ? specs : [specs];
  return list.map((spec, index) => {
    const name = Array.isArray(specs) ? `${argument}[${index}]` : argument;
    if (!(spec instanceof InputSpec)) {
      throw new InvalidArgumentError(`${name} must be an InputSpec, got ${describeValue(spec)}`);
    }
    if (!spec.name) throw new InvalidArgumentError(`${name} must have a name: new InputSpec(shape, { name: 'image' })`);
    return spec;
  });
}

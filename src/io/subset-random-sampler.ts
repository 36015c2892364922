import { InvalidArgumentError } from '../common/errors.js';
import { checkInteger } from '../common/options.js';
import type { RandomStream } from '../common/random.js';
import { RandomOrderSampler } from './sampler.js';

/** Given indices in random order, another one in each pass. */
export class SubsetRandomSampler extends RandomOrderSampler {
  readonly #indices: readonly number[];

  constructor(indices: readonly number[]) {
    super();
    if (indices.length === 0) throw new InvalidArgumentError('indices must hold at least one index');
    indices.forEach((index, position) => checkInteger(`indices[${position}]`, index));
    this.#indices = indices;
  }

  get length(): number {
    return this.#indices.length;
  }

  /** @hidden */
  protected *draw(stream: RandomStream): Generator<number> {
    for (const position of stream.permutation(this.#indices.length)) yield this.#indices[position] ?? 0;
  }
}

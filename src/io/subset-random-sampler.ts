import { InvalidArgumentError } from '../common/errors.js';
import { checkInteger } from '../common/options.js';
import { getSeed, nextStream, RandomStream } from '../common/random.js';
import { Sampler, type OrderState, type Resumable } from './sampler.js';

/** Given indices in random order, another one in each pass. */
export class SubsetRandomSampler extends Sampler implements Resumable {
  readonly #indices: readonly number[];
  #number = nextStream('shuffle').uint32();
  #epoch = 0;

  constructor(indices: readonly number[]) {
    super();
    if (indices.length === 0) throw new InvalidArgumentError('indices must hold at least one index');
    indices.forEach((index, position) => checkInteger(`indices[${position}]`, index));
    this.#indices = indices;
  }

  get length(): number {
    return this.#indices.length;
  }

  /** Sets the number of the next pass. */
  setEpoch(epoch: number): void {
    this.#epoch = checkInteger('epoch', epoch, 0);
  }

  /** Which random orders these are, and the number of the next pass. */
  stateDict(): OrderState {
    return { number: this.#number, epoch: this.#epoch };
  }

  /** Goes on with the orders of another sampler. */
  setStateDict(state: OrderState): void {
    const number = checkInteger('state.number', state.number, 0);
    this.setEpoch(checkInteger('state.epoch', state.epoch, 0));
    this.#number = number;
  }

  /** A pass over the indices. */
  *[Symbol.iterator](): Iterator<number> {
    const stream = new RandomStream(getSeed(), 'shuffle', this.#number, this.#epoch++);
    for (const position of stream.permutation(this.#indices.length)) yield this.#indices[position] ?? 0;
  }
}

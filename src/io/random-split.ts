import { InvalidArgumentError } from '../common/errors.js';
import { checkInteger, checkNumber, describeValue } from '../common/options.js';
import { nextStream } from '../common/random.js';
import { warn } from '../common/warn.js';
import { Subset, type Dataset } from './dataset.js';

/** Lengths for fractions: rounded down, and what is left goes to the first ones, one each. */
function lengthsOf(fractions: readonly number[], total: number): number[] {
  const lengths = fractions.map((fraction, index) =>
    Math.floor(total * checkNumber(`lengths[${index}]`, fraction, 0, 1)),
  );
  const rest = total - lengths.reduce((sum, length) => sum + length, 0);
  for (let i = 0; i < rest; i++) lengths[i % lengths.length] = (lengths[i % lengths.length] ?? 0) + 1;
  lengths.forEach((length, index) => {
    if (length === 0) warn(`randomSplit: lengths[${index}] gives a part without samples`);
  });
  return lengths;
}

/**
 * Divides a data set into parts that share no sample, at random by the seed.
 *
 * @param dataset - prepared already, since its length is needed
 * @param lengths - number of samples in each part, or fractions that add up to 1
 * @throws `InvalidArgumentError` when they do not add up
 */
export function randomSplit<Sample>(dataset: Dataset<Sample>, lengths: readonly number[]): Subset<Sample>[] {
  const total = dataset.length;
  const sum = lengths.reduce((partial, length) => partial + length, 0);
  const areFractions = Math.abs(sum - 1) <= 1e-9 && sum <= 1;
  const parts = areFractions ? lengthsOf(lengths, total) : lengths;
  parts.forEach((length, index) => checkInteger(`lengths[${index}]`, length, 0));
  if (parts.length === 0 || parts.reduce((partial, length) => partial + length, 0) !== total) {
    throw new InvalidArgumentError(
      `lengths must add up to ${total}, the number of samples, or to 1, got ${describeValue(lengths)}`,
    );
  }
  const order = nextStream('sampling').permutation(total);
  let start = 0;
  return parts.map((length) => new Subset(dataset, order.slice(start, (start += length))));
}

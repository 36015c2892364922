import { Subset, type Dataset } from 'paddlewheel/io';

/** The first `limit` samples of a data set, or all of it. */
export function limited<Sample>(dataset: Dataset<Sample>, limit: number | undefined): Dataset<Sample> {
  return limit === undefined
    ? dataset
    : new Subset(
        dataset,
        Array.from({ length: limit }, (_, index) => index),
      );
}

// Throughput of prediction.
import { makeBatch, makeModel } from './networks.mjs';
import { summarize, timeCalls } from './timing.mjs';

export function run({ network, batch, seconds }) {
  const model = makeModel(network);
  const [images] = makeBatch(network, batch);
  const times = timeCalls(() => model.predictBatch(images), { seconds });
  const { bestMs, ...rest } = summarize(times);
  return { bestMs, ...rest, imagesPerSecond: (batch / bestMs) * 1000 };
}

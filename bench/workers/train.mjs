// Steps of training: how long they take, how much memory the process has at most, and how much of a step is spent
// outside of the kernels.
import { engineBackend } from '../../dist/engine/index.js';
import { makeBatch, makeModel } from './networks.mjs';
import { peakMegabytes, summarize, timeCalls } from './timing.mjs';
import { traceKernels } from './trace.mjs';

export function run({ network, batch, seconds }) {
  const model = makeModel(network);
  const [images, labels] = makeBatch(network, batch);
  const losses = [];
  const step = () => losses.push(model.trainBatch(images, labels)[0]);
  const times = timeCalls(step, { seconds });
  const result = { ...summarize(times), peakMB: peakMegabytes(), firstLoss: losses[0], lastLoss: losses.at(-1) };
  return engineBackend() ? { ...result, overhead: measureOverhead(step, seconds / 2) } : result;
}

/** The share of a step that is spent outside of the kernels, in the fastest step, with the time in each kernel. */
function measureOverhead(step, seconds) {
  const trace = traceKernels(engineBackend());
  const steps = [];
  timeCalls(
    () => {
      trace.clear();
      const moved = engineBackend().materializedBytes;
      const start = performance.now();
      step();
      const stepMs = performance.now() - start;
      const bytes = engineBackend().materializedBytes;
      steps.push({ stepMs, ...trace.read(), ...(bytes !== undefined && { materializedBytes: bytes - moved }) });
    },
    { seconds },
  );
  const best = steps.reduce((a, b) => (b.stepMs < a.stepMs ? b : a));
  return { share: 1 - best.kernelMs / best.stepMs, ...best };
}

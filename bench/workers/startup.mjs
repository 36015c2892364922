// From the start of the process to the end of the first step of LeNet.
export async function run({ started, batch }) {
  const begin = performance.now();
  const { makeBatch, makeModel } = await import('./networks.mjs');
  const imported = performance.now();
  makeModel('lenet').trainBatch(...makeBatch('lenet', batch));
  const end = performance.now();
  return { totalMs: Date.now() - started, importMs: imported - begin, firstStepMs: end - imported };
}

// Runs one task on one engine and prints what came of it as a line of JSON.
//
// node engine.mjs '{"task": "train", "network": "lenet", ...}', with PADDLEWHEEL_ENGINE set, or with "device" in the task.
// Only what the task needs is imported, because start-up and memory are measured, too.
const tasks = {
  info: () => import('./info.mjs'),
  train: () => import('./train.mjs'),
  predict: () => import('./predict.mjs'),
  epoch: () => import('./epoch.mjs'),
  startup: () => import('./startup.mjs'),
  kernels: () => import('./kernels.mjs'),
};

const task = JSON.parse(process.argv[2]);
if (task.device) {
  const { setDevice } = await import('paddlewheel');
  setDevice(task.device);
}
const { run } = await tasks[task.task]();
console.log(JSON.stringify(await run(task)));

/**
 * Where a training starts.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from '../common/errors.js';
import { findNewestCheckpoint } from './checkpoint-files.js';
import type { Model } from './model.js';
import type { FitSettings } from './options.js';
import { loadState } from './state-files.js';
import type { TrainPlan } from './training.js';

/**
 * Where a training starts: anew, or with `resume` at the newest complete checkpoint, whose weights are loaded here.
 *
 * @param stepsPerEpoch - batches of an epoch, or undefined when the data does not tell
 * @param streams - name of the random streams of a training that starts anew
 * @throws `InvalidArgumentError` when the checkpoint is of a training with other data or another batch size
 */
export async function findStart(
  model: Model,
  { resume, saveDir }: FitSettings,
  stepsPerEpoch: number | undefined,
  streams: string,
): Promise<Pick<TrainPlan, 'run' | 'streams' | 'resumed'>> {
  const checkpoint = resume && saveDir !== null ? await findNewestCheckpoint(saveDir) : undefined;
  if (!checkpoint) return { run: randomUUID(), streams, resumed: null };
  const { path, extensions, state } = checkpoint;
  if (state.stepsPerEpoch !== (stepsPerEpoch ?? null)) {
    const count = (steps: number | null | undefined) => steps ?? 'an unknown number of';
    throw new InvalidArgumentError(
      `${path} is of a training with ${count(state.stepsPerEpoch)} batches an epoch, now there are ${count(stepsPerEpoch)}; ` +
        'resume with the same data and batchSize, or choose another saveDir',
    );
  }
  const resetOptimizer = !extensions.includes('.pdopt');
  await loadState(path, model.network, model.optimizer, { skipMismatch: false, resetOptimizer });
  return { run: state.run, streams: state.streams, resumed: state };
}

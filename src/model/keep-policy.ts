/**
 * Which checkpoints are kept.
 *
 * @module
 */

/** A checkpoint as the policy sees it. */
export interface CheckpointName {
  /** Name of its files without extension. */
  readonly name: string;
  /** Whether its state was written, which is the last of its files. */
  readonly isComplete: boolean;
}

const stepName = /^step-(\d+)$/;

/** Name of a checkpoint within an epoch. */
export function stepCheckpointName(trainedSteps: number): string {
  return `step-${trainedSteps}`;
}

/**
 * Names of the checkpoints that may go: all of those within epochs but the newest complete one. Those of epochs, `final`
 * and whatever the user saved stay.
 */
export function obsolete(checkpoints: readonly CheckpointName[]): string[] {
  const steps = checkpoints.flatMap(({ name, isComplete }) => {
    const match = stepName.exec(name);
    return match ? [{ name, isComplete, step: Number(match[1]) }] : [];
  });
  const newest = Math.max(...steps.filter(({ isComplete }) => isComplete).map(({ step }) => step));
  return steps.filter(({ step }) => step !== newest).map(({ name }) => name);
}

/**
 * Durations of a phase's steps.
 *
 * @module
 */
import type { NamedValue } from './display/format.js';

const now = () => performance.now() / 1000;

/** Measures how long batches take to fetch and to compute, in seconds. */
export class PhaseClock {
  /** Steps done. */
  step = 0;
  /** Samples done. */
  samples = 0;

  readonly #start = now();
  #fetchStart = this.#start;
  #batchStart = this.#start;
  #recent = { fetching: 0, computing: 0, steps: 0, samples: 0 };

  /** A batch was fetched and will be computed. */
  batchBegin(): void {
    this.#batchStart = now();
    this.#recent.fetching += this.#batchStart - this.#fetchStart;
  }

  /** A batch was computed. */
  batchEnd(samples: number): void {
    this.#fetchStart = now();
    this.#recent.computing += this.#fetchStart - this.#batchStart;
    this.#recent.steps++;
    this.#recent.samples += samples;
    this.step++;
    this.samples += samples;
  }

  /** Mean duration of a step since the phase began. */
  get secondsPerStep(): number {
    return this.step === 0 ? 0 : (now() - this.#start) / this.step;
  }

  /** Mean durations and throughput since the last call. */
  takeTimings(): NamedValue[] {
    const { fetching, computing, steps, samples } = this.#recent;
    this.#recent = { fetching: 0, computing: 0, steps: 0, samples: 0 };
    const seconds = (total: number) => `${(total / Math.max(1, steps)).toFixed(5)} sec`;
    const elapsed = fetching + computing;
    return [
      ['avg_reader_cost', seconds(fetching)],
      ['avg_batch_cost', seconds(computing)],
      ['ips', `${(elapsed > 0 ? samples / elapsed : 0).toFixed(5)} samples/sec`],
    ];
  }
}

/**
 * Collecting what was measured.
 *
 * @module
 */
import type { TaskResult } from './contenders.js';
import type { Figure, Measurement } from './measurements.js';

/** The best value of a contender, and which of its variants reached it. */
export interface Value {
  readonly value: number;
  readonly variant: string;
}

/** A figure of all contenders that were measured. */
export interface FigureResult extends Omit<Figure, 'value'> {
  /** The measurement that it belongs to. */
  readonly measurement: string;
  readonly values: Record<string, Value>;
}

/** One run of a task. */
export interface Sample {
  readonly measurement: string;
  readonly contender: string;
  readonly variant: string;
  readonly result: TaskResult;
}

/** A task that did not come to an end. */
export interface Failure {
  readonly measurement: string;
  readonly contender: string;
  readonly reason: string;
}

/** All that came of a run. */
export interface Results {
  readonly figures: readonly FigureResult[];
  readonly samples: readonly Sample[];
  readonly failures: readonly Failure[];
}

/** The best value of each figure and contender. */
export function bestFigures(measurements: readonly Measurement[], samples: readonly Sample[]): FigureResult[] {
  return measurements.flatMap(({ id: measurement, figures }) => {
    const own = samples.filter((sample) => sample.measurement === measurement);
    return figures.map(({ value: read, ...figure }) => {
      const values: Record<string, Value> = {};
      for (const { contender, variant, result } of own) {
        const value = read(result);
        if (value === undefined) continue;
        const best = values[contender]?.value;
        const isBetter = best === undefined || (figure.better === 'lower' ? value < best : value > best);
        if (isBetter) values[contender] = { value, variant };
      }
      return { ...figure, measurement, values };
    });
  });
}

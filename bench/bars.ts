/**
 * The speed that the package promises.
 *
 * @module
 */
import type { FigureResult } from './results.js';

/** A limit on a figure, or on its ratio to that of another contender. */
export interface Bar {
  readonly figure: string;
  readonly contender: string;
  /** Whose figure it is divided by. */
  readonly of?: string;
  readonly limit: number;
}

/** A bar and what came out. */
export interface BarResult extends Bar {
  readonly title: string;
  /** Undefined when something needed for it was not measured. */
  readonly value: number | undefined;
  readonly passed: boolean | undefined;
}

/** On two cores. */
const promises: readonly Bar[] = [
  { figure: 'train/resnet50', contender: 'native', of: 'PyTorch', limit: 0.4 },
  { figure: 'train/resnet50', contender: 'wasm', of: 'PyTorch', limit: 1.05 },
  { figure: 'train/vgg16', contender: 'native', of: 'PyTorch', limit: 0.5 },
  { figure: 'train/mobilenet_v2', contender: 'native', of: 'PyTorch', limit: 0.5 },
  { figure: 'train/densenet121', contender: 'native', of: 'PyTorch', limit: 0.5 },
  { figure: 'train/lenet', contender: 'native', of: 'PyTorch', limit: 0.35 },
  { figure: 'epoch', contender: 'native', of: 'PyTorch', limit: 0.2 },
  { figure: 'epoch', contender: 'native', of: 'Paddle', limit: 0.1 },
  { figure: 'overhead/resnet50', contender: 'native', limit: 15 },
  { figure: 'overhead/vgg16', contender: 'native', limit: 15 },
  { figure: 'startup', contender: 'native', limit: 1 },
  { figure: 'startup', contender: 'wasm', limit: 1.5 },
  { figure: 'memory/resnet50', contender: 'native', of: 'PyTorch', limit: 0.7 },
];

/** Compares what was measured with the bars; those of figures that were not asked for are left out. */
export function checkBars(figures: readonly FigureResult[], bars: readonly Bar[] = promises): BarResult[] {
  return bars.flatMap((bar) => {
    const figure = figures.find(({ id }) => id === bar.figure);
    if (figure === undefined) return [];
    const own = figure.values[bar.contender]?.value;
    const other = bar.of === undefined ? 1 : figure.values[bar.of]?.value;
    const value = own === undefined || other === undefined ? undefined : own / other;
    const title = `${figure.title}, ${bar.contender}`;
    return [{ ...bar, title, value, passed: value === undefined ? undefined : value <= bar.limit }];
  });
}

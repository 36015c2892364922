/**
 * A line search for the strong Wolfe conditions.
 *
 * @module
 */
import { dot, largest } from './flat-vectors.js';

/** A place along the line. */
export interface LinePoint {
  /** Distance from the start in units of the direction. */
  readonly step: number;
  /** The function there. */
  readonly value: number;
  /** Its gradient. */
  readonly gradient: Float32Array;
  /** Its slope along the line. */
  readonly slope: number;
}

/** Result of {@link strongWolfe}. */
export interface LineSearchResult {
  readonly point: LinePoint;
  /** How often the function was evaluated. */
  readonly evaluations: number;
}

/** The function and its gradient at a distance from the start. */
export type Evaluate = (step: number) => { readonly value: number; readonly gradient: Float32Array };

/** Share of the first slope that the function must fall by. */
const SUFFICIENT_DECREASE = 1e-4;
/** Share of the first slope that the slope must fall below. */
const CURVATURE = 0.9;
const MAX_EVALUATIONS = 25;

/** Where the cubic through two points with their slopes is least, within bounds (Nocedal and Wright, equation 3.59). */
function cubicMinimum(a: LinePoint, b: LinePoint, low: number, high: number): number {
  const [left, right] = a.step <= b.step ? [a, b] : [b, a];
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const share = (right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2);
  return Math.min(Math.max(right.step - (right.step - left.step) * share, low), high);
}

/**
 * Finds a step after which the function is lower by enough and its slope is flat enough (Nocedal and Wright, "Numerical
 * optimization", 2006, algorithms 3.5 and 3.6, with cubic interpolation).
 *
 * @param start - the place with step 0
 * @param firstStep - the step to try first
 * @param tolerance - interval, in the largest element of the direction, that is not searched any further
 */
export function strongWolfe(
  evaluate: Evaluate,
  direction: Float32Array,
  start: LinePoint,
  firstStep: number,
  tolerance: number,
): LineSearchResult {
  const at = (step: number): LinePoint => {
    const { value, gradient } = evaluate(step);
    return { step, value, gradient, slope: dot(gradient, direction) };
  };
  const tooHigh = ({ value, step }: LinePoint) => value > start.value + SUFFICIENT_DECREASE * step * start.slope;
  const flatEnough = ({ slope }: LinePoint) => Math.abs(slope) <= -CURVATURE * start.slope;

  // Go on until two points have the wanted one between them.
  let previous = start;
  let point = at(firstStep);
  let evaluations = 1;
  let rounds = 0;
  let bracket: [LinePoint, LinePoint] | undefined;
  while (rounds < MAX_EVALUATIONS) {
    if (tooHigh(point) || (rounds > 1 && point.value >= previous.value)) bracket = [previous, point];
    else if (flatEnough(point)) return { point, evaluations };
    else if (point.slope >= 0) bracket = [previous, point];
    if (bracket) break;
    const next = cubicMinimum(previous, point, point.step + 0.01 * (point.step - previous.step), 10 * point.step);
    previous = point;
    point = at(next);
    evaluations++;
    rounds++;
  }
  bracket ??= [start, point];

  // Make the interval smaller; the lower end comes first.
  let [low, high] = bracket[0].value <= bracket[1].value ? bracket : [bracket[1], bracket[0]];
  const extent = largest(direction);
  let slowBefore = false;
  while (rounds < MAX_EVALUATIONS && Math.abs(high.step - low.step) * extent >= tolerance) {
    const [left, right] = low.step <= high.step ? [low.step, high.step] : [high.step, low.step];
    let step = cubicMinimum(low, high, left, right);
    // Twice near an end, or on it, is too slow: keep a distance.
    const margin = 0.1 * (right - left);
    const slow = Math.min(right - step, step - left) < margin;
    if (slow && (slowBefore || step >= right || step <= left)) {
      step = Math.abs(step - right) < Math.abs(step - left) ? right - margin : left + margin;
      slowBefore = false;
    } else {
      slowBefore = slow;
    }
    const middle = at(step);
    evaluations++;
    rounds++;
    if (tooHigh(middle) || middle.value >= low.value) {
      [low, high] = low.value <= middle.value ? [low, middle] : [middle, low];
      continue;
    }
    if (flatEnough(middle)) return { point: middle, evaluations };
    if (middle.slope * (high.step - low.step) >= 0) high = low;
    low = middle;
  }
  return { point: low, evaluations };
}

/**
 * Names of layers.
 *
 * @module
 */

const counters = new Map<string, number>();

/** The class name in snake case, as Paddle writes it: `Conv2D` gives `conv2d`, `ReLU` gives `re_lu`. */
export function snakeCase(name: string): string {
  return name
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** The scope with a number that counts up over the process: `conv2d_0`, `conv2d_1`. */
export function uniqueName(scope: string): string {
  const count = counters.get(scope) ?? 0;
  counters.set(scope, count + 1);
  return `${scope}_${count}`;
}

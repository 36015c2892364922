/**
 * Orders of axes in memory.
 *
 * A tensor's elements need not lie in row-major order of its shape: a transposition only notes that its axes lie in
 * another order. Everything here is arithmetic on shapes.
 *
 * @module
 */

/**
 * The order in which the axes of a shape lie in memory, slowest first: elements are row-major for the shape
 * `order.map((axis) => shape[axis])`. Layouts are normalised for their shape by {@link normalizeLayout}, so that equal
 * ones compare equal; row-major order is undefined.
 */
export type Layout = readonly number[];

/** A shape, and the layout that its elements have. */
export interface View {
  readonly shape: readonly number[];
  readonly order: Layout;
}

/** True when two layouts of one shape are equal. */
export function sameLayout(a: Layout | undefined, b: Layout | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b?.length === a.length && a.every((axis, index) => axis === b[index]);
}

/**
 * The layout with axes of length 1, which can stand anywhere, in front of the axis that follows them in the shape;
 * undefined when the elements are row-major.
 */
export function normalizeLayout(shape: readonly number[], order: Layout): Layout | undefined {
  let last = -1;
  let rowMajor = true;
  let hasOnes = false;
  for (const axis of order) {
    const length = shape[axis];
    if (length === 0) return undefined;
    if (length === 1) hasOnes = true;
    else if (axis < last) rowMajor = false;
    else last = axis;
  }
  if (rowMajor) return undefined;
  if (!hasOnes) return order;
  const normal: number[] = [];
  for (const axis of order) {
    if (shape[axis] === 1) continue;
    let first = axis;
    while (shape[first - 1] === 1) first--;
    for (let one = first; one <= axis; one++) normal.push(one);
  }
  for (let axis = 0; axis < shape.length; axis++) if (!normal.includes(axis)) normal.push(axis);
  return normal;
}

/** A shape as it lies in memory. */
export function physicalShape(shape: readonly number[], layout: Layout | undefined): readonly number[] {
  return layout === undefined ? shape : layout.map((axis) => shape[axis] ?? 1);
}

/** The layout of the transposition whose axis `i` is axis `perm[i]` of a tensor with the given shape and layout. */
export function transposedLayout(
  shape: readonly number[],
  layout: Layout | undefined,
  perm: readonly number[],
): Layout | undefined {
  const order = (layout ?? shape.map((_, axis) => axis)).map((axis) => perm.indexOf(axis));
  return normalizeLayout(
    perm.map((axis) => shape[axis] ?? 1),
    order,
  );
}

/** The layout that a tensor of `shape` must have to be broadcast to one with the given layout, without moving. */
export function broadcastLayout(shape: readonly number[], layout: Layout): Layout | undefined {
  const added = layout.length - shape.length;
  const own = added === 0 ? layout : layout.filter((axis) => axis >= added).map((axis) => axis - added);
  return normalizeLayout(shape, own);
}

/** Axes of a shape that lie next to each other in memory in their order. */
interface AxisGroup {
  readonly first: number;
  length: number;
}

/** The groups of a view, in the order of memory. Axes of length 1 are left out. */
function axisGroups(shape: readonly number[], order: Layout): AxisGroup[] {
  const groups: AxisGroup[] = [];
  let next = -1;
  for (const axis of order) {
    const length = shape[axis] ?? 1;
    if (length === 1) continue;
    const last = groups.at(-1);
    if (last && axis === next) last.length *= length;
    else groups.push({ first: axis, length });
    next = axis + 1;
    while (shape[next] === 1) next++;
  }
  return groups;
}

/**
 * The layout that the elements of a view have for another shape of as many elements; null when they have none, because
 * an axis of that shape runs across axes that lie apart.
 */
export function layoutForShape(view: View, shape: readonly number[]): Layout | undefined | null {
  const { shape: own, order } = view;
  if (own.length === shape.length && own.every((length, axis) => length === shape[axis])) return order;
  const groups = axisGroups(own, order);
  const axesOf = new Map<AxisGroup, number[]>();
  let axis = 0;
  for (const group of [...groups].sort((a, b) => a.first - b.first)) {
    const axes: number[] = [];
    let length = 1;
    while (length < group.length && axis < shape.length) {
      length *= shape[axis] ?? 1;
      axes.push(axis++);
    }
    if (length !== group.length) return null;
    axesOf.set(group, axes);
  }
  const rest = shape.slice(axis).map((_, index) => axis + index);
  return normalizeLayout(shape, [...groups.flatMap((group) => axesOf.get(group) ?? []), ...rest]);
}

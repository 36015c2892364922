/**
 * Text of tables.
 *
 * @module
 */

/** A text in the middle of `width` columns; where it does not divide evenly, the right side is wider. */
export function centre(text: string, width: number): string {
  const left = Math.max(0, (width - text.length) >> 1);
  return ' '.repeat(left) + text.padEnd(width - left);
}

/** Shapes, or lists of them to any depth. */
export type Shapes = readonly (number | null | Shapes)[];

/** Such as `[[1, 1, 28, 28]]`. */
export function shapeText(shapes: Shapes): string {
  return `[${shapes.map((item) => (Array.isArray(item) ? shapeText(item as Shapes) : String(item))).join(', ')}]`;
}

/** A number with commas between the thousands. */
export function withCommas(value: number): string {
  return value.toLocaleString('en-US');
}

/** A table framed by `+`, `-` and `|`, one line of the result a line of it. */
export function framedTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const line = (cells: readonly string[]) =>
    `|${cells.map((cell, column) => centre(cell, (widths[column] ?? 0) + 2)).join('|')}|`;
  return [rule, line(header), rule, ...rows.map(line), rule];
}

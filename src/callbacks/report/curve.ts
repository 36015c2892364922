/**
 * Curves of bounded size.
 *
 * @module
 */

/** Points of several values over a common x, in order. Missing values are NaN. */
export interface CurveState {
  /** Batches that each point stands for. */
  readonly stride: number;
  /** Per column its values; the first is x. */
  readonly columns: readonly (readonly (number | null)[])[];
  /** The rows that are not yet a point: their number, and the sum of each column. */
  readonly pending: { readonly count: number; readonly sums: readonly (number | null)[] };
}

const toNumber = (value: number | null) => value ?? NaN;
const toJson = (value: number) => (Number.isFinite(value) ? value : null);

/**
 * Collects rows of numbers. When there are more than `maxPoints`, neighbours are joined to their mean, and from then on
 * each point stands for twice as many rows: the curve stays whole and its size bounded.
 */
export class Curve {
  readonly #maxPoints: number;
  #stride = 1;
  #columns: number[][];
  #sums: number[];
  #count = 0;

  /** @param columns - values in a row, of which the first is x */
  constructor(columns: number, maxPoints = 1000) {
    this.#maxPoints = maxPoints;
    this.#columns = Array.from({ length: columns }, () => []);
    this.#sums = Array.from({ length: columns }, () => 0);
  }

  /** Adds a row. */
  add(row: readonly number[]): void {
    this.#sums = this.#sums.map((sum, index) => sum + (row[index] ?? NaN));
    if (++this.#count < this.#stride) return;
    this.#columns.forEach((column, index) => column.push((this.#sums[index] ?? NaN) / this.#count));
    this.#restart();
    if ((this.#columns[0]?.length ?? 0) >= this.#maxPoints) this.#halve();
  }

  /** The columns, with what is not yet a whole point as the last one. */
  columns(): number[][] {
    if (this.#count === 0) return this.#columns;
    return this.#columns.map((column, index) => [...column, (this.#sums[index] ?? NaN) / this.#count]);
  }

  /** The curve as JSON's values. */
  state(): CurveState {
    return {
      stride: this.#stride,
      columns: this.#columns.map((column) => column.map(toJson)),
      pending: { count: this.#count, sums: this.#sums.map(toJson) },
    };
  }

  /** Takes back a state. */
  setState({ stride, columns, pending }: CurveState): void {
    this.#stride = stride;
    this.#columns = columns.map((column) => column.map(toNumber));
    this.#sums = pending.sums.map(toNumber);
    this.#count = pending.count;
  }

  #restart(): void {
    this.#sums = this.#sums.map(() => 0);
    this.#count = 0;
  }

  #halve(): void {
    this.#stride *= 2;
    this.#columns = this.#columns.map((column) => {
      const half: number[] = [];
      for (let index = 0; index + 1 < column.length; index += 2) {
        half.push(((column[index] ?? NaN) + (column[index + 1] ?? NaN)) / 2);
      }
      return half;
    });
  }
}

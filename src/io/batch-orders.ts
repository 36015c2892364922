import type { BatchOrder } from './sample-reader.js';

/** Counts how often each index came in a pass. */
class IndexCounts {
  #counts = new Uint32Array(1024);

  /** How often the index came before. */
  add(index: number): number {
    if (index < 0) return 0;
    if (index >= this.#counts.length) {
      const larger = new Uint32Array(Math.max(index + 1, 2 * this.#counts.length));
      larger.set(this.#counts);
      this.#counts = larger;
    }
    const before = this.#counts[index] ?? 0;
    this.#counts[index] = before + 1;
    return before;
  }
}

/**
 * What to read for each batch of a pass. Indices that come several times in a pass draw other random numbers each time.
 *
 * @param streams - name of the pass's random streams
 * @param skip - number of batches that are left out
 */
export function* batchOrders(batches: Iterable<number[]>, streams: string, skip: number): Generator<BatchOrder> {
  const counts = new IndexCounts();
  let number = 0;
  for (const indices of batches) {
    let repeats: number[] | undefined;
    for (let i = 0; i < indices.length; i++) {
      const before = counts.add(indices[i] ?? 0);
      if (before === 0) continue;
      repeats ??= new Array<number>(indices.length).fill(0);
      repeats[i] = before;
    }
    const order = { streams, indices, number: number++ };
    if (order.number < skip) continue;
    yield repeats ? { ...order, repeats } : order;
  }
}

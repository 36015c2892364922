/** A program that has its data set in its own file; run by a test. */
import { selectEngine } from '../../../src/engine/index.js';
import { Dataset } from '../../../src/io/dataset.js';
import { DataLoader } from '../../../src/io/data-loader.js';

export class Own extends Dataset<number> {
  static readonly moduleUrl = import.meta.url;
  readonly length = 3;
  getItem(index: number): number {
    return index;
  }
}

selectEngine('js');
const loader = new DataLoader(new Own(), { numWorkers: 1, batchSize: 3 });
for await (const batch of loader) console.log(Array.from(batch.dataSync()).join(' '));

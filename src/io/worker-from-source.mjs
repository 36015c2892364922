// Entry of data workers where the library runs from its TypeScript sources, which Node's workers do not take by themselves.
import { register } from 'tsx/esm/api';

register();

/** @type {typeof import('./worker.js').default} */
export default async function loadBatch(task) {
  const worker = await import('./worker.ts');
  return worker.default(task);
}

// Entry of data workers where the library runs from its TypeScript sources, which Node's workers do not take by themselves.
import { register } from 'tsx/esm/api';

register();
// Imported before there are tasks: imports at the same time may end in any order.
const { default: loadBatch } = await import('./worker.ts');

/** @type {typeof import('./worker.js').default} */
export default loadBatch;

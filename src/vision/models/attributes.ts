/**
 * Attributes of parameters that several networks use.
 *
 * @module
 */
import { Uniform } from '../../nn/initializer/random.js';
import { ParamAttr } from '../../nn/param-attr.js';

/** First values uniform between -`bound` and `bound`. */
export const uniformWithin = (bound: number) =>
  new ParamAttr({ initializer: new Uniform({ low: -bound, high: bound }) });

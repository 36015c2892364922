/**
 * Measures of predictions.
 *
 * @module
 */
export { accuracy, Accuracy, type AccuracyFunctionOptions, type AccuracyOptions } from './accuracy.js';
export { Metric, type MetricArray, type MetricState, type MetricValue } from './metric.js';

/**
 * Measures of predictions.
 *
 * @module
 */
export { accuracy, Accuracy, type AccuracyFunctionOptions, type AccuracyOptions } from './accuracy.js';
export { Auc, type AucOptions } from './auc.js';
export { Precision, Recall, type BinaryMetricOptions } from './binary-counts.js';
export { Metric, type MetricArray, type MetricState, type MetricValue } from './metric.js';

/**
 * Registers all kernels of the engine.
 *
 * @module
 */
import './general.js';
import './activation.js';
import './arrays.js';
import './concat.js';
import './binary.js';
import './comparison.js';
import './convolution.js';
import './deformed-columns.js';
import './dropout.js';
import './gather.js';
import './matmul.js';
import './normalization.js';
import './pad.js';
import './pooling.js';
import './random.js';
import './reduction.js';
import './regions.js';
import './resize.js';
import './slice.js';
import './softmax.js';
import './sort.js';
import './tfjs-convolution.js';
import './tile.js';
import './topk.js';
import './unary.js';

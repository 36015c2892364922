/**
 * Registers all kernels of the engine.
 *
 * @module
 */
import './general.js';
import './activation.js';
import './arrays.js';
import './convolution.js';
import './dropout.js';
import './elementwise.js';
import './matmul.js';
import './normalization.js';
import './pooling.js';
import './reduction.js';
import './softmax.js';

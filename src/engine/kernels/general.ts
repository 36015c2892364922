/**
 * The kernels of TensorFlow.js's CPU backend, which serve whatever the engine has no kernel of its own for.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import './corrected.js';
import { backendNames } from '../backend.js';

for (const name of Object.values(backendNames)) tf.copyRegisteredKernels('cpu', name);

/**
 * Imported by every test that computes with tensors: brings the engine up as `import 'paddlewheel'` does.
 */
import '../../src/tensor/methods.js';
import { selectDefaultBackend } from '../../src/engine/index.js';

selectDefaultBackend();

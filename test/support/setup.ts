/**
 * Imported by every test that computes with tensors: brings the engine up as `import 'paddlewheel'` does, or another
 * device where PADDLEWHEEL_TEST_DEVICE names one.
 */
import '../../src/tensor/methods.js';
import { setDevice, type Device } from '../../src/device/index.js';
import { selectDefaultBackend } from '../../src/engine/index.js';

selectDefaultBackend();
const device = process.env.PADDLEWHEEL_TEST_DEVICE;
if (device) setDevice(device as Device);

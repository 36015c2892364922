import { Constant, setGlobalInitializer } from '../../src/nn/initializer/index.js';

/** Makes a network without random numbers, which the test overwrites. */
export function makeQuickly<Network>(make: () => Network): Network {
  setGlobalInitializer(new Constant(0), new Constant(0));
  try {
    return make();
  } finally {
    setGlobalInitializer(null);
  }
}

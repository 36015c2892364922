/** Runs the same tests on every engine of this machine. */
import './setup.js';
import { setDevice, type Device } from '../../src/device/index.js';
import { engineNames, selectDefaultBackend, selectEngine, type EngineName } from '../../src/engine/index.js';

/** What computes in a test: an engine, or TensorFlow where PADDLEWHEEL_TEST_DEVICE names one of its devices. */
export type TestedEngine = EngineName | 'tensorflow';

const device = process.env.PADDLEWHEEL_TEST_DEVICE as Device | undefined;

/** Engines that tests are for: those named in PADDLEWHEEL_TEST_ENGINES, or all. */
const asked = (process.env.PADDLEWHEEL_TEST_ENGINES ?? '').split(',').filter((name) => name !== '');

/** Engines of this machine; the error when one that must be there is not. */
function availableEngines(): EngineName[] {
  return engineNames.filter((name) => {
    if (asked.length > 0 && !asked.includes(name)) return false;
    try {
      selectEngine(name);
      return true;
    } catch (error) {
      // A native build is not on every machine; the others are.
      if ((name as string) === 'native' && asked.length === 0) return false;
      throw error;
    } finally {
      selectDefaultBackend();
    }
  });
}

/** The engines that tests run on. */
export const testedEngines: readonly EngineName[] = device ? [] : availableEngines();

function describeEngine(title: string, engine: EngineName, define: () => void): void {
  describe(`${title} (${engine})`, () => {
    before(() => selectEngine(engine));
    after(() => selectDefaultBackend());
    define();
  });
}

/** A group of tests for each engine, which is the active one while they run. */
export function describeEngines(title: string, define: (engine: TestedEngine) => void): void {
  for (const engine of testedEngines) describeEngine(title, engine, () => define(engine));
  if (!device) return;
  describe(`${title} (${device})`, () => {
    before(() => setDevice(device));
    define('tensorflow');
  });
}

/** As {@link describeEngines}, for the engines with compiled kernels. */
export function describeCompiledEngines(title: string, define: (engine: EngineName) => void): void {
  for (const engine of testedEngines) {
    if (engine !== 'js') describeEngine(title, engine, () => define(engine));
  }
}

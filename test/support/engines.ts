/** Runs the same tests on every engine of this machine. */
import './setup.js';
import { engineNames, selectDefaultBackend, selectEngine, type EngineName } from '../../src/engine/index.js';

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

/** The engines that {@link describeEngines} runs tests on. */
export const testedEngines: readonly EngineName[] = availableEngines();

/** A group of tests for each engine, which is the active one while they run. */
export function describeEngines(
  title: string,
  define: (engine: EngineName) => void,
  engines: readonly EngineName[] = testedEngines,
): void {
  for (const engine of engines) {
    describe(`${title} (${engine})`, () => {
      before(() => selectEngine(engine));
      after(() => selectDefaultBackend());
      define(engine);
    });
  }
}

/** As {@link describeEngines}, for the engines with compiled kernels. */
export function describeCompiledEngines(title: string, define: (engine: EngineName) => void): void {
  describeEngines(
    title,
    define,
    testedEngines.filter((name) => name !== 'js'),
  );
}

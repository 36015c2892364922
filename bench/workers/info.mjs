// Says what an engine is.
import { info } from 'paddlewheel/device';
import 'paddlewheel';

export function run() {
  const { engine, instructionSet, threads } = info();
  return { label: instructionSet, engine, threads };
}

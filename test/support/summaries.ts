/**
 * Prints, as JSON, what `summary` and `flops` give for the networks of the reference values. A program of its own: the
 * numbers in the names of layers count up over a process.
 */
import './setup.js';
import { flops, summary } from '../../src/model/index.js';
import { LeNet, mobilenet_v2, resnet18, vgg11 } from '../../src/vision/models/index.js';
import type { AnyLayer } from '../../src/nn/index.js';
import { captureConsole } from './console.js';
import { makeQuickly } from './networks.js';

const networks = {
  LeNet: [() => new LeNet(), [1, 1, 28, 28]],
  resnet18: [() => resnet18({ numClasses: 10 }), [2, 3, 32, 32]],
  vgg11_bn: [() => vgg11({ batchNorm: true }), [1, 3, 224, 224]],
  mobilenet_v2: [() => mobilenet_v2(), [1, 3, 96, 96]],
} as const;

async function measureAll(): Promise<void> {
  const results: Record<string, unknown> = {};
  for (const [name, [make, size]] of Object.entries(networks)) {
    const makeNetwork = () => makeQuickly<AnyLayer>(make);
    let totals = {};
    const text = await captureConsole(() => Promise.resolve((totals = summary(makeNetwork(), [...size]))));
    let operations = 0;
    await captureConsole(() => Promise.resolve((operations = flops(makeNetwork(), [...size]))));
    results[name] = { text, ...totals, flops: operations };
  }
  console.log(JSON.stringify(results));
}

await measureAll();

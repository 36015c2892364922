// Classifies image files: npx tsx examples/predict.ts --weights output/custom-dataset/final.pdparams IMAGE...
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { load, noGrad, toTensor, unsqueeze, type Tensor } from 'paddlewheel';
import { functional as F, type Layer } from 'paddlewheel/nn';
import { imageLoad } from 'paddlewheel/vision';
import * as models from 'paddlewheel/vision/models';
import { CenterCrop, Compose, Normalize, Resize, ToTensor } from 'paddlewheel/vision/transforms';
import { parseCommandLine } from './support/command-line.js';
import { smallInput, smallNetwork } from './support/small-network.js';

const help = `Classifies image files with trained weights and prints the five likeliest classes.

Usage: npx tsx examples/predict.ts --weights FILE [options] IMAGE...

Options:
  --weights FILE   weights of the network (.pdparams)
  --model NAME     the network: small, as custom-dataset trains it, or one of vision.models (default small)
  --classes FILE   JSON list of the names of the classes (default: classes.json beside the weights, if it is there)
  --help           show this text`;

const { values, positionals: files } = parseCommandLine({
  allowPositionals: true,
  options: {
    weights: { type: 'string' },
    model: { type: 'string', default: 'small' },
    classes: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const { weights, model: name } = values;
if (weights === undefined || files.length === 0) {
  console.error(
    weights === undefined ? '--weights is missing; --help tells more' : 'no image is given; --help tells more',
  );
  process.exit(2);
}
if (name !== 'small' && !models.listModels().includes(name)) {
  console.error(`--model must be small or one of ${models.listModels().join(', ')}, got ${name}`);
  process.exit(2);
}

const beside = path.join(path.dirname(weights), 'classes.json');
const classesFile = values.classes ?? (existsSync(beside) ? beside : undefined);
const classes = classesFile === undefined ? undefined : (JSON.parse(await readFile(classesFile, 'utf8')) as string[]);
const numClasses = classes?.length ?? 1000;

// What networks trained on ImageNet take.
const imageNetInput = new Compose([
  new Resize(256),
  new CenterCrop(224),
  new ToTensor(),
  new Normalize({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }),
]);
const builders = models as unknown as Record<string, (options: { numClasses: number }) => Layer>;
const network: Layer = name === 'small' ? smallNetwork(numClasses) : builders[name]!({ numClasses });
const input = name === 'small' ? smallInput : imageNetInput;
network.setStateDict(await load<Record<string, Tensor>>(weights));
network.eval();

for (const file of files) {
  const image = (await imageLoad(file, 'pil')).toRgb();
  const batch = unsqueeze(toTensor(input.forward(image)), 0);
  // Some networks give further outputs; the first is the answer.
  const probabilities = noGrad(() => {
    const result: Tensor | Tensor[] = network.forward(batch);
    return F.softmax(Array.isArray(result) ? (result as Tensor[])[0]! : result).numpy();
  });
  const ranking = Array.from(probabilities, (probability, index) => ({ probability: Number(probability), index }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 5);
  console.log(file);
  for (const { probability, index } of ranking) {
    console.log(`  ${(100 * probability).toFixed(2).padStart(6)} %  ${classes?.[index] ?? `class ${index}`}`);
  }
}

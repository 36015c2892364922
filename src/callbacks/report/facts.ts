/**
 * What a run is made with.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { version_core } from '@tensorflow/tfjs-core';
import { info } from '../../device/index.js';
import type { Model } from '../../model/model.js';
import { Layer } from '../../nn/layer/layer.js';
import type { CallbackParams } from '../callback.js';

/** A name and what it is. */
export type Fact = readonly [name: string, value: string];

const count = (value: number) => value.toLocaleString('en-US');

function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The machine and the software. */
export function environmentFacts(): Fact[] {
  const { device, engine, instructionSet, threads } = info();
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return [
    ['Device', device],
    ['Engine', `${engine}, ${instructionSet}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`],
    ['Processor', `${processors.length} × ${model}`],
    ['Memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ['System', `${type()} ${release()}, ${arch()}`],
    ['Node.js', process.versions.node],
    ['paddlewheel', packageVersion()],
    ['TensorFlow.js', version_core],
  ];
}

/** The model and the options of the run. */
export function settingFacts(model: Model, params: CallbackParams): Fact[] {
  const { network, optimizer, loss, metrics } = model;
  const parameters = model.parameters();
  const size = parameters.reduce((sum, parameter) => sum + parameter.size, 0);
  const rate = optimizer?.scheduler ? optimizer.scheduler.constructor.name : optimizer?.getLr();
  const lossName = loss instanceof Layer ? loss.constructor.name : loss?.name;
  return [
    ['Network', network.constructor.name],
    ['Parameters', count(size)],
    ['Optimizer', optimizer?.constructor.name ?? 'none'],
    ['Learning rate', String(rate ?? 'none')],
    ['Loss', lossName === '' || lossName === undefined ? 'a function' : lossName],
    ['Metrics', metrics.flatMap((metric) => metric.name()).join(', ') || 'none'],
    ['Epochs', String(params.epochs ?? 'none')],
    ['Batches per epoch', params.steps === undefined ? 'unknown' : count(params.steps)],
    ['Checkpoints', params.saveDir ?? 'none'],
  ];
}

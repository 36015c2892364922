/**
 * The files of checkpoints: `.pdparams`, `.pdopt`, and last `.pdstate` with the digests of both.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../common/files.js';
import { warn } from '../common/warn.js';
import type { AnyLayer } from '../nn/layer/layer.js';
import type { Optimizer } from '../optimizer/index.js';
import { obsolete } from './keep-policy.js';
import { saveState } from './state-files.js';
import {
  decodeState,
  encodeState,
  type FileDigest,
  type Position,
  type StateFile,
  type TrainingState,
} from './training-state.js';

const stateExtension = '.pdstate';
const weightExtensions = ['.pdparams', '.pdopt'];

/** A complete checkpoint. */
export interface Checkpoint {
  /** Path without extension. */
  readonly path: string;
  /** Extensions of its files of weights. */
  readonly extensions: readonly string[];
  readonly state: TrainingState;
}

async function digestOf(file: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const part = chunk as Buffer;
    bytes += part.length;
    hash.update(part);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** True when a file is as its digest says. */
async function isIntact(file: string, expected: FileDigest): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (found?.size !== expected.bytes) return false;
  return (await digestOf(file)).sha256 === expected.sha256;
}

/** Names of the files in a folder; none when there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Base names of the checkpoints of a folder that have a state. */
async function checkpointNames(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.endsWith(stateExtension)).map((name) => name.slice(0, -stateExtension.length));
}

/** Reads the state of a checkpoint, or undefined with a warning when it is damaged. */
async function readState(base: string): Promise<StateFile | undefined> {
  const file = base + stateExtension;
  try {
    return decodeState(file, await readFile(file, 'utf8'));
  } catch (error) {
    warn(`${file} is left alone: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

const order = ({ trainedSteps, epoch, phase }: Position) => [trainedSteps, epoch, phase === 'evaluate' ? 1 : 0];

/** Negative when `a` comes before `b` in a training. */
function comparePositions(a: Position, b: Position): number {
  const [left, right] = [order(a), order(b)];
  const index = left.findIndex((value, position) => value !== right[position]);
  return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}

/**
 * The checkpoint of a folder that is farthest in its training, or undefined. One whose files are missing or are not those
 * that were saved with it is passed over.
 */
export async function findNewestCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  const candidates: (StateFile & { readonly base: string })[] = [];
  for (const name of await checkpointNames(folder)) {
    const base = path.resolve(folder, name);
    const file = await readState(base);
    if (file) candidates.push({ ...file, base });
  }
  candidates.sort((a, b) => comparePositions(b.state.position, a.state.position));
  for (const { base, files, state } of candidates) {
    const extensions = Object.keys(files);
    const checks = await Promise.all(Object.entries(files).map(([end, digest]) => isIntact(base + end, digest)));
    if (checks.every(Boolean)) return { path: base, extensions, state };
    warn(`${base}${stateExtension} is passed over, because the files that belong to it are damaged or gone`);
  }
  return undefined;
}

/** Writes a checkpoint. Its state goes last, so that a kill at any moment leaves either all of it or no state. */
export async function writeCheckpoint(
  base: string,
  network: AnyLayer,
  optimizer: Optimizer | null,
  state: TrainingState,
): Promise<void> {
  await removeOtherRuns(path.dirname(base), state.run);
  const extensions = await saveState(base, network, optimizer);
  const digests = await Promise.all(extensions.map(async (end) => [end, await digestOf(base + end)] as const));
  const text = encodeState({ files: Object.fromEntries(digests), state });
  await writeFileAtomic(base + stateExtension, Buffer.from(text));
}

const checkedFolders = new Map<string, string>();

/** Takes the states of other trainings out of a folder, once a run; their weights stay. */
async function removeOtherRuns(folder: string, run: string): Promise<void> {
  if (checkedFolders.get(folder) === run) return;
  for (const name of await checkpointNames(folder)) {
    const file = await readState(path.join(folder, name));
    if (file?.state.run !== run) await rm(path.join(folder, name + stateExtension), { force: true });
  }
  await removeLeftovers(folder);
  checkedFolders.set(folder, run);
}

/** Removes the files that a killed process was writing. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const match = /^\..+\.(?:pdparams|pdopt|pdstate)\.(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name);
    if (match && !isAlive(Number(match[1]))) await rm(path.join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes the checkpoints that the policy does not keep: first their states, then their weights. */
export async function removeObsolete(folder: string): Promise<void> {
  const all = [stateExtension, ...weightExtensions];
  const names = (await namesIn(folder)).filter((name) => all.includes(path.extname(name)));
  const complete = new Set(await checkpointNames(folder));
  const bases = [...new Set(names.map((name) => path.parse(name).name))];
  const stale = obsolete(bases.map((name) => ({ name, isComplete: complete.has(name) })));
  for (const end of all) {
    await Promise.all(stale.map((name) => rm(path.join(folder, name + end), { force: true })));
  }
}

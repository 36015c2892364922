import assert from 'node:assert/strict';
import { describeOracle } from '../support/oracle.js';
import { runNode } from '../support/spawn.js';

interface SummaryCase {
  readonly text: string;
  readonly total_params: number;
  readonly trainable_params: number;
  readonly flops: number;
}

interface Measured {
  readonly text: string;
  readonly totalParams: number;
  readonly trainableParams: number;
  readonly flops: number;
}

let measured: Promise<Record<string, Measured>> | undefined;

async function measureAll(): Promise<Record<string, Measured>> {
  const { status, stdout, stderr } = await runNode(['test/support/summaries.ts']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<string, Measured>;
}

const row = /^ *([A-Za-z]\w*)-(\d+) +/gm;

/** Numbers of the first layers of each class. */
const first = { expected: new Map<string, number>(), got: new Map<string, number>() };

/** A text with layers numbered from 1 and their names moved to the left. */
function renumbered(text: string, firsts: Map<string, number>): string {
  return text.replace(row, (_, kind: string, number: string) => {
    if (!firsts.has(kind)) firsts.set(kind, Number(number));
    return `${kind}-${Number(number) - firsts.get(kind)! + 1} `;
  });
}

/** Names are numbered within a process: where the reference made other networks before, their numbers go on from there. */
function assertText(got: string, expected: string): void {
  const [ours, theirs] = [renumbered(got, first.got), renumbered(expected, first.expected)];
  assert.equal(ours, theirs);
  if ([...first.expected].every(([kind, number]) => first.got.get(kind) === number)) assert.equal(got, expected);
}

describeOracle<SummaryCase>('summary', async (name, expected) => {
  measured ??= measureAll();
  const got = (await measured)[name];
  assert.ok(got, `no network for the case ${name}`);
  assertText(got.text, expected.text);
  assert.equal(got.totalParams, expected.total_params);
  assert.equal(got.trainableParams, expected.trainable_params);
  assert.equal(got.flops, expected.flops);
});

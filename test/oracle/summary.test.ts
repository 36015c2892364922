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

describeOracle<SummaryCase>('summary', async (name, expected) => {
  measured ??= measureAll();
  const got = (await measured)[name];
  assert.ok(got, `no network for the case ${name}`);
  assert.equal(got.text, expected.text);
  assert.equal(got.totalParams, expected.total_params);
  assert.equal(got.trainableParams, expected.trainable_params);
  assert.equal(got.flops, expected.flops);
});

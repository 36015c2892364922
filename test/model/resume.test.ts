import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RandomStream } from '../../src/common/random.js';
import { runNode, type Run } from '../support/spawn.js';
import type { TrainingSettings } from '../support/resumable-training.js';

/** How many trainings of each kind are killed; `npm run test:resume` raises it. */
const trials = Number(process.env.PADDLEWHEEL_RESUME_TRIALS ?? 1);

/** How often each of them is killed. */
const mostKills = trials > 1 ? 4 : 2;

/** What a process of the training printed. */
interface Printed {
  readonly run: Run;
  /** Bits of the losses in order. */
  readonly losses: readonly string[];
  /** The history, when the training came to its end. */
  readonly history: string | undefined;
}

async function train(folder: string, settings: Partial<TrainingSettings>): Promise<Printed> {
  const run = await runNode(['test/support/resumable-training.ts', folder, JSON.stringify(settings)]);
  const lines = run.stdout.split('\n').slice(0, -1);
  return {
    run,
    losses: lines.filter((line) => /^[0-9a-f]{16}$/.test(line)),
    history: lines.find((line) => line.startsWith('history')),
  };
}

/** Hashes of the files of weights of the last checkpoint. */
function finalFiles(folder: string): string[] {
  return ['final.pdparams', 'final.pdopt'].map((name) =>
    createHash('sha256')
      .update(readFileSync(path.join(folder, name)))
      .digest('hex'),
  );
}

describe('resumed training', function () {
  this.timeout(120_000 * Math.max(1, trials));
  const folders: string[] = [];
  const makeFolder = () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
    folders.push(folder);
    return folder;
  };
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  /** A training that nothing interrupts. */
  async function reference(settings: Partial<TrainingSettings>) {
    const folder = makeFolder();
    const printed = await train(folder, settings);
    assert.equal(printed.run.status, 0, printed.run.stderr);
    assert.ok(printed.history);
    return { folder, ...printed, files: finalFiles(folder) };
  }

  /** Asserts that the losses of a process are those of the reference from some step on. */
  function assertPart(losses: readonly string[], whole: readonly string[]): void {
    if (losses.length === 0) return;
    const start = whole.indexOf(losses[0]!);
    assert.ok(start >= 0, 'the first loss of the process is none of the reference');
    assert.deepEqual(losses, whole.slice(start, start + losses.length));
  }

  const variants: Record<string, Partial<TrainingSettings>> = {
    'Adam, a schedule and checkpoints each three batches': { fit: { saveSteps: 3 } },
    'Momentum, a callback that reduces the rate and added-up gradients': {
      optimizer: 'momentum',
      fit: { saveSteps: 2, saveFreq: 2, accumulateGradBatches: 4 },
    },
    'data workers': { fit: { saveSteps: 3, numWorkers: 1, epochs: 2 } },
  };
  for (const [what, settings] of Object.entries(variants)) {
    it(`after kills at any moment is that of one run: ${what}`, async () => {
      const whole = await reference(settings);
      for (let trial = 0; trial < trials; trial++) {
        const random = new RandomStream(trial, what);
        const folder = makeFolder();
        let kills = 0;
        for (;;) {
          const killed = kills < mostKills;
          const byFile = random.chance(0.7);
          const printed = await train(folder, {
            ...settings,
            killAtOperation: killed && byFile ? 1 + random.integer(50) : 0,
            signalAtBatch: killed && !byFile ? 1 + random.integer(8) : 0,
          });
          assertPart(printed.losses, whole.losses);
          if (printed.run.status === 0) {
            assert.equal(printed.history, whole.history);
            break;
          }
          assert.equal(printed.run.status, 'SIGKILL', printed.run.stderr);
          kills++;
        }
        assert.deepEqual(finalFiles(folder), whole.files);
        // Nothing is left of what was being written.
        assert.deepEqual(readdirSync(folder).sort(), readdirSync(whole.folder).sort());
      }
    });
  }

  it('finishes the batch at Ctrl-C, saves and ends by the signal', async () => {
    const whole = await reference({});
    for (const when of [{ signalAtBatch: 8 }, { signalAtEvalBatch: 2 }]) {
      const folder = makeFolder();
      const stopped = await train(folder, { ...when, signal: 'SIGINT', fit: { stopOnSignal: true } });
      assert.equal(stopped.run.status, 'SIGINT', stopped.run.stderr);
      assert.ok(readdirSync(folder).some((name) => /^step-\d+\.pdstate$/.test(name)));
      const resumed = await train(folder, {});
      assert.equal(resumed.run.status, 0, resumed.run.stderr);
      // Every batch was trained on exactly once.
      assert.deepEqual([...stopped.losses, ...resumed.losses], whole.losses);
      assert.equal(resumed.history, whole.history);
      assert.deepEqual(finalFiles(folder), whole.files);
    }
  });

  it('ends at once at a second signal', async () => {
    const folder = makeFolder();
    const settings = { signalAtBatch: 2, signal: 'SIGINT', signals: 2, fit: { stopOnSignal: true } } as const;
    const { run, losses } = await train(folder, settings);
    assert.equal(run.status, 'SIGINT', run.stderr);
    assert.equal(losses.length, 2);
    // With one signal the batch ends, and is saved.
    assert.deepEqual(readdirSync(folder), []);
  });

  it('returns the history of a finished training, passes damaged checkpoints over, and refuses other data', async () => {
    const whole = await reference({});
    const again = await train(whole.folder, {});
    assert.equal(again.history, whole.history);
    assert.equal(again.losses.length, 0);
    assert.deepEqual(finalFiles(whole.folder), whole.files);

    writeFileSync(path.join(whole.folder, 'final.pdparams'), 'cut off');
    const steps = whole.losses.length / 4;
    writeFileSync(path.join(whole.folder, '3.pdstate'), '{');
    const resumed = await train(whole.folder, {});
    assert.match(resumed.run.stderr, /final\.pdstate is passed over, because the files that belong to it are damaged/);
    assert.match(resumed.run.stderr, /3\.pdstate is left alone/);
    assert.deepEqual(resumed.losses, whole.losses.slice(-steps));
    assert.deepEqual(finalFiles(whole.folder), whole.files);

    const { run } = await train(whole.folder, { samples: 30 });
    assert.equal(run.status, 1);
    assert.match(run.stderr, /is of a training with 6 batches an epoch, now there are 8; resume with the same data/);
  });

  it('goes on with more epochs than before', async () => {
    const whole = await reference({});
    const folder = makeFolder();
    const first = await train(folder, { fit: { epochs: 2 } });
    const second = await train(folder, {});
    assert.deepEqual([...first.losses, ...second.losses], whole.losses);
    assert.equal(second.history, whole.history);
  });
});

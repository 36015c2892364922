import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { ModelEmitter } from '../../src/model/model-emitter.js';

describe('ModelEmitter', () => {
  it('calls listeners in order, each when the one before has resolved', async () => {
    const emitter = new ModelEmitter();
    const calls: string[] = [];
    emitter.on('checkpoint', async (file) => {
      calls.push(`first ${file} begins`);
      await setTimeout(5);
      calls.push('first ends');
    });
    emitter.on('checkpoint', (file) => calls.push(`second ${file}`));
    await emitter.emitAwaited('checkpoint', 'a');
    assert.deepEqual(calls, ['first a begins', 'first ends', 'second a']);
    await emitter.emitAwaited('trainBegin');
  });

  it('rejects with what a listener throws or rejects, and calls no other', async () => {
    for (const fail of [
      () => {
        throw new Error('failure');
      },
      () => Promise.reject(new Error('failure')),
    ]) {
      const emitter = new ModelEmitter();
      let calls = 0;
      emitter.on('trainBegin', fail);
      emitter.on('trainBegin', () => calls++);
      await assert.rejects(emitter.emitAwaited('trainBegin'), { message: 'failure' });
      assert.equal(calls, 0);
    }
  });

  it('knows once, off and contexts', async () => {
    const emitter = new ModelEmitter();
    const calls: unknown[] = [];
    const removed = () => calls.push('removed');
    emitter.once('trainBegin', () => calls.push('once'));
    emitter.on('trainBegin', removed);
    emitter.on(
      'trainBegin',
      function (this: unknown) {
        calls.push(this);
      },
      'context',
    );
    emitter.on('trainBegin', function (this: unknown) {
      calls.push(this === emitter);
    });
    emitter.off('trainBegin', removed);
    await emitter.emitAwaited('trainBegin');
    await emitter.emitAwaited('trainBegin');
    assert.deepEqual(calls, ['once', 'context', true, 'context', true]);
  });

  it('keeps to the listeners that were there when the event came', async () => {
    const emitter = new ModelEmitter();
    let calls = 0;
    emitter.on('trainBegin', () => void emitter.on('trainBegin', () => calls++));
    await emitter.emitAwaited('trainBegin');
    assert.equal(calls, 0);
    await emitter.emitAwaited('trainBegin');
    assert.equal(calls, 1);
  });
});

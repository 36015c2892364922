import '../support/setup.js';
import assert from 'node:assert/strict';
import { constants, PerformanceObserver, type NodeGCPerformanceDetail } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { Tensor } from '@tensorflow/tfjs-core';
import { forgetUnreachable, releaseWhenUnreachable } from '../../src/autograd/memory.js';

describe('watch over unreachable tensors', () => {
  it('asks for no collection when a loop makes no more than it did before', async () => {
    let collections = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind } = (entry as unknown as { readonly detail: NodeGCPerformanceDetail }).detail;
        if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
      }
    });
    observer.observe({ entryTypes: ['gc'] });
    // What counts is the size: 600 MB in each round, as the gradients of a large network.
    const round = async () => {
      const tensors = Array.from({ length: 60 }, () => ({ dataId: {}, dtype: 'float32', shape: [], size: 2.5e6 }));
      for (const tensor of tensors) releaseWhenUnreachable(tensor as unknown as Tensor);
      for (const tensor of tensors) forgetUnreachable(tensor as unknown as Tensor);
      await setTimeout(1);
    };
    try {
      await round();
      await setTimeout(10);
      assert.ok(collections > 0, 'the first round is more than there was before');
      collections = 0;
      for (let i = 0; i < 5; i++) await round();
      await setTimeout(10);
      assert.equal(collections, 0);
    } finally {
      observer.disconnect();
    }
  });
});

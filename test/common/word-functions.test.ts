import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cosineOf, logarithmOf, sineOf } from '../../src/common/word-functions.js';

/** Words where a case of the functions begins or ends, and their neighbours. */
const corners = [0, 2 ** 29, 2 ** 30, 3 * 2 ** 29, 2 ** 31, 3 * 2 ** 30, 0xb504f333, 2 ** 32]
  .flatMap((word) => [word - 1, word, word + 1])
  .filter((word) => word >= 0 && word < 2 ** 32);

describe('functions of random words', () => {
  const functions: [string, (word: number) => number, (word: number) => number][] = [
    ['logarithm', logarithmOf, (word) => Math.log((word + 0.5) / 2 ** 32)],
    ['sine', sineOf, (word) => Math.sin((2 * Math.PI * word) / 2 ** 32)],
    ['cosine', cosineOf, (word) => Math.cos((2 * Math.PI * word) / 2 ** 32)],
  ];
  for (const [name, own, reference] of functions) {
    it(`${name} agrees with that of JavaScript up to the last bits`, () => {
      const check = (word: number) => {
        const [actual, expected] = [own(word), reference(word)];
        // The reference may be off by a unit in the last place; near a zero of the sine the angle has few digits left.
        const bound = 2 ** -51 * Math.abs(expected) + 1e-25;
        assert.ok(Math.abs(actual - expected) <= bound, `${word}: ${actual} instead of ${expected}`);
      };
      corners.forEach(check);
      fc.assert(fc.property(fc.nat({ max: 2 ** 32 - 1 }), check), { numRuns: 2000 });
    });
  }
});

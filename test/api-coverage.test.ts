import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as library from '../src/index.js';
import { oracleFolder } from './support/oracle.js';

type Names = Readonly<Record<string, unknown>>;

const file = path.join(oracleFolder, 'public-names.json');
const leftOut = JSON.parse(readFileSync(new URL('../docs/api-coverage.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, string>
>;

/** Aliases that Paddle keeps for users of another framework. */
const isAlias = (name: string, all: Names) =>
  (/[123]d$/.test(name) && name.replace(/d$/, 'D') in all) ||
  ['Module', 'ModuleDict', 'ModuleList', 'SiLU'].includes(name);

/** The names that stand for one of Paddle's; models keep their spelling. */
const namesOf = (name: string) => [
  name,
  /^[a-z]/.test(name)
    ? name.replace(/_+$/, '').replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    : name,
];

/** What has the names of a module or a class. */
function placeOf(module: string): object {
  if (module === 'paddle.Model') return library.Model.prototype;
  if (module.startsWith('paddle.nn.Layer')) return library.nn.Layer.prototype;
  return module
    .split('.')
    .slice(1)
    .reduce<object>((place, part) => (place as Record<string, object>)[part] ?? {}, library);
}

describe("Paddle's public names", () => {
  if (!existsSync(file)) {
    it('needs public-names.json in ORACLE_DIR');
    return;
  }
  const { modules } = JSON.parse(readFileSync(file, 'utf8')) as { readonly modules: Record<string, Names> };

  for (const [module, names] of Object.entries(modules)) {
    it(`are in ${module}, or left out with a reason`, () => {
      const place = placeOf(module);
      const isThere = (name: string) => namesOf(name).some((own) => own in place);
      const reasons = leftOut[module] ?? {};
      const wanted = Object.keys(names).filter((name) => !isAlias(name, names) && !(name in reasons));
      assert.deepEqual(
        wanted.filter((name) => !isThere(name)),
        [],
      );
      assert.deepEqual(
        Object.keys(reasons).filter((name) => isThere(name) || !(name in names)),
        [],
      );
    });
  }
});

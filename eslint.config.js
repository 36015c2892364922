import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * The rooms of src/, in the order in which they build on each other: a room may import itself, those of earlier rows
 * and nothing else. Rooms of one row do not know each other.
 */
const rows = [
  ['common'],
  ['serialization'],
  ['vision/image', 'vision/transforms'],
  ['engine'],
  ['device'],
  ['autograd'],
  ['tensor'],
  ['io'],
  ['vision/datasets'],
  ['regularizer'],
  ['nn'],
  ['optimizer', 'metric'],
  ['amp'],
  ['vision/ops'],
  ['framework'],
  ['jit'],
  ['vision/models'],
  ['model', 'callbacks'],
];

const zones = rows.slice(0, -1).flatMap((row, index) =>
  row.flatMap((room) => ({
    target: `./src/${room}`,
    from: rows
      .slice(index + 1)
      .flat()
      .map((later) => `./src/${later}`),
    message: `${room} may only import rooms that come before it`,
  })),
);

export default defineConfig(
  // The type tests hold errors on purpose; tsd compiles them.
  globalIgnores(['dist/', 'generated/', 'docs/api/', 'coverage/', 'test-d/']),
  eslint.configs.recommended,
  { languageOptions: { globals: globals.node } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: true }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);

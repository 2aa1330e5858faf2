import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const nestOutsideTheEdge = {
  group: ['@nestjs/*', 'rxjs', 'rxjs/*'],
  message:
    'Nest stays at the edge: *.module.ts, controllers and the strategy. Classes on the byte path are plain.',
};

export default tseslint.config(
  { ignores: ['dist', 'tmp', '.nx', 'node_modules', '.cache', 'coverage'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          // The version stands in one place only.
          allow: ['../../../package.json'],
          depConstraints: [
            { sourceTag: 'layer:domain', onlyDependOnLibsWithTags: ['layer:domain'] },
            { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:domain'] },
            // The schema names what the domain knows, its algorithms for one; the domain is pure.
            { sourceTag: 'layer:foundation', onlyDependOnLibsWithTags: ['layer:foundation', 'layer:domain'] },
            {
              sourceTag: 'layer:adapter',
              onlyDependOnLibsWithTags: ['layer:core', 'layer:domain', 'layer:foundation', 'scope:billing'],
            },
            {
              sourceTag: 'scope:billing',
              onlyDependOnLibsWithTags: ['layer:core', 'layer:domain', 'layer:foundation'],
            },
            {
              sourceTag: 'layer:app',
              onlyDependOnLibsWithTags: ['layer:adapter', 'layer:core', 'layer:domain', 'layer:foundation'],
            },
            {
              sourceTag: 'scope:test',
              onlyDependOnLibsWithTags: [
                'scope:test',
                'layer:adapter',
                'layer:core',
                'layer:domain',
                'layer:foundation',
              ],
            },
          ],
        },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // A number in a message reads as a number.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A Nest module is a class that carries its decorator and nothing else.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Nest declares its options as classes that nobody constructs.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `() => callback()` is how the code hands on a void.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only libs/config reads the environment.' },
      ],
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/proxy/**/*.ts'],
    ignores: [
      '**/*.{module,controller,guard,filter,dto,spec}.ts',
      'apps/proxy/src/run-proxy.ts',
      'apps/proxy/src/http/open-api.ts',
      'apps/proxy/src/relay/stratum-relay.server.ts',
    ],
    rules: { 'no-restricted-imports': ['error', { patterns: [nestOutsideTheEdge] }] },
  },
  {
    files: ['libs/relay/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.module.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.property.name='toString'][callee.object.name=/chunk|buffer|bytes/]",
          message: 'The relay moves bytes; text is for whoever inspects a copy.',
        },
      ],
    },
  },
  {
    files: [
      'libs/config/src/**/*.ts',
      'libs/e2e-support/**/*.ts',
      'apps/*-e2e/**/*.ts',
      'apps/proxy/src/main.ts',
      '**/*.spec.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/testing/**/*.ts'],
    rules: {
      // What a test asserts on may well be undefined: the assertion says so.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
);

import tseslint from 'typescript-eslint'

// Biome lints everything else; these three need types across packages: a lost promise is a lost record.
export default tseslint.config({
  files: ['**/*.ts'],
  ignores: ['**/dist/**'],
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname },
  },
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  },
})

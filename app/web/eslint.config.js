import tseslint from 'typescript-eslint';

// Text from the server (world names, failure reasons, patterns) reaches the page as text nodes only.
const noMarkup = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML'];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'playwright-report'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        ...noMarkup.map((name) => ({
          selector: `:matches(MemberExpression > Identifier[name=${name}], JSXIdentifier[name=${name}])`,
          message: 'Show text as text nodes; never as markup.',
        })),
      ],
    },
  },
);

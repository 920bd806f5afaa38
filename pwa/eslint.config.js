import globals from 'globals'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/shared/api.ts'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: { globals: globals.browser, parserOptions: { parser: ts.parser } },
    rules: {
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/multi-word-component-names': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    // The engines know no screen (docs/architecture.md).
    files: ['src/forms/**', 'src/sync/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['vue', 'vue-router', 'pinia', 'vant*', 'element-plus*', '@/field/*', '@/console/*', '@/shared/*'] }] },
  },
)

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // `vscode` exists only inside the editor; the modules under test use just its plain data and `l10n`.
  resolve: { alias: { vscode: fileURLToPath(new URL('test/vscode.ts', import.meta.url)) } },
  test: { include: ['test/**/*.test.ts'] },
});

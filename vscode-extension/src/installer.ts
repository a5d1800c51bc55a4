/** Makes the managed environment in sight of the user: a notification with a cancel, and pip's output logged. */
import * as vscode from 'vscode';
import type { Installed, ManagedEnvironment } from './managed';
import type { Interpreter } from './probe';

/** Installs on top of `base`; ends early when the user cancels or `signal` is set. */
export async function installInSight(
  environment: ManagedEnvironment,
  base: Interpreter,
  log: vscode.LogOutputChannel,
  signal: AbortSignal,
): Promise<Installed> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('lift: making its own Python environment'),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    const user = new AbortController();
    token.onCancellationRequested(() => user.abort());
    const onOutput = (text: string): void => {
      for (const line of text.split(/\r?\n/).filter((l) => l.trim() !== '')) {
        log.info(line);
        progress.report({ message: stepOf(line) });
      }
    };
    const installed = await environment.create(base, { signal: AbortSignal.any([user.signal, signal]), onOutput });
    if (installed.kind === 'failed') {
      log.error(`The environment was not made (${installed.problem}).`);
    }
    return installed;
  });
}

/** What pip is at, short enough for a notification: `Collecting z3-solver`. */
function stepOf(line: string): string {
  return /^\s*(Collecting \S+|Downloading \S+|Installing collected packages|Using cached \S+)/.exec(line)?.[1] ?? '';
}

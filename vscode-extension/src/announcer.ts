/** Says once, in a notification, that there is no server and what to do; silence would look like success. */
import * as vscode from 'vscode';
import type { State } from './state';

export class Announcer {
  #last = '';

  /** Announces `state` if it needs the user and has not been announced since the server last ran. */
  async announce(state: State): Promise<void> {
    if (state.kind === 'running') {
      this.#last = '';
    }
    const message = messageFor(state);
    if (message === undefined || message === this.#last) {
      return;
    }
    this.#last = message;
    const actions = [
      { title: vscode.l10n.t('Try Again'), command: 'lift.restart' },
      state.kind === 'failed'
        ? { title: vscode.l10n.t('Show Server Logs'), command: 'lift.showServerLogs' }
        : { title: vscode.l10n.t('Show Logs'), command: 'lift.showLogs' },
      { title: vscode.l10n.t('Open Settings'), command: 'workbench.action.openSettings', argument: 'lift.interpreter' },
    ];
    const picked = await vscode.window.showErrorMessage(message, ...actions);
    if (picked !== undefined) {
      await vscode.commands.executeCommand(picked.command, picked.argument);
    }
  }
}

function messageFor(state: State): string | undefined {
  if (state.kind === 'missing') {
    return `${state.missing.message} ${state.missing.remedy}`;
  }
  return state.kind === 'failed' ? `lift: ${state.reason}` : undefined;
}

/** The status item in the `{}` menu of a Python file, and the context key of the commands. */
import * as vscode from 'vscode';
import { present, type Severity, type State } from './state';

const SEVERITIES: Readonly<Record<Severity, vscode.LanguageStatusSeverity>> = {
  information: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
};

export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.languages.createLanguageStatusItem('lift', [{ language: 'python' }]);

  constructor() {
    this.#item.name = 'lift';
    this.#item.accessibilityInformation = { label: 'lift' };
  }

  show(state: State): void {
    const shown = present(state, vscode.workspace.isTrusted);
    this.#item.text = shown.text;
    this.#item.detail = shown.detail;
    this.#item.severity = SEVERITIES[shown.severity];
    this.#item.busy = shown.busy;
    this.#item.command = shown.command;
    this.#item.accessibilityInformation = { label: [shown.text, shown.detail].filter(Boolean).join(', ') };
    const isWorking = state.kind === 'running' && state.work.length > 0;
    void vscode.commands.executeCommand('setContext', 'lift.busy', isWorking);
  }

  dispose(): void {
    this.#item.dispose();
  }
}

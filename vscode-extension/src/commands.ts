/** The commands of the palette; each is one call of what it is about. */
import * as vscode from 'vscode';
import { checkDocument } from './check';
import { setupInformation } from './information';
import type { Session } from './session';
import { settingsForServer } from './settings';

/** What the commands act on. */
export interface CommandParts {
  readonly context: vscode.ExtensionContext;
  readonly session: Session;
  readonly log: vscode.LogOutputChannel;
  readonly serverLog: vscode.LogOutputChannel;
  readonly wheel: () => Promise<string | undefined>;
}

/** Registers all commands. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const { session, log, serverLog } = parts;
  const commands: Record<string, () => unknown> = {
    'lift.restart': () => session.restart('asked for by the user'),
    'lift.showLogs': () => log.show(),
    'lift.showServerLogs': () => serverLog.show(),
    'lift.showSetup': () => showSetup(parts),
    'lift.checkFile': () => checkFile(session),
    'lift.cancel': () => session.cancel(),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, command]) => vscode.commands.registerCommand(id, command)),
  );
}

async function checkFile(session: Session): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== 'python') {
    await vscode.window.showInformationMessage(vscode.l10n.t('Open a Python file to check it.'));
    return;
  }
  const { client } = session;
  if (client === undefined) {
    await vscode.window.showWarningMessage(vscode.l10n.t("lift's server is not running."));
    return;
  }
  await checkDocument(client, document);
}

async function showSetup({ context, session, wheel }: CommandParts): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('lift');
  const own = { interpreter: configuration.get('interpreter'), importStrategy: configuration.get('importStrategy') };
  const manifest = context.extension.packageJSON as { version: string };
  const content = setupInformation(session.state, {
    editor: `${vscode.env.appName} ${vscode.version}`,
    extension: `${context.extension.id} ${manifest.version}`,
    platform: `${process.platform} ${process.arch}`,
    remote: vscode.env.remoteName,
    trusted: vscode.workspace.isTrusted,
    folders: vscode.workspace.workspaceFolders?.length ?? 0,
    wheel: (await wheel())?.split(/[\\/]/).at(-1),
    settings: { ...own, ...settingsForServer(configuration) },
  });
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  await vscode.window.showTextDocument(document);
}

/** Puts the parts together; everything is disposed of with the extension. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Announcer } from './announcer';
import { registerCommands } from './commands';
import { installInSight } from './installer';
import { Interpreters } from './interpreters';
import { ManagedEnvironment } from './managed';
import { probe } from './probe';
import { chooseServer, type Chosen } from './server';
import { Session, type Choice } from './session';
import { serverSource } from './settings';
import { StatusItem } from './status';

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('lift', { log: true });
  const serverLog = vscode.window.createOutputChannel('lift server', { log: true });
  const interpreters = new Interpreters(log);
  const managed = new ManagedEnvironment(
    path.join(context.globalStorageUri.fsPath, 'environments'),
    path.join(context.extensionPath, 'bundled'),
  );
  const folder = context.extensionPath;
  const choose = (choice: Choice): Promise<Chosen> => choosing(choice, interpreters, managed, log, folder);
  const running = new Session({ log, serverLog, folder, choose });
  const status = new StatusItem();
  const announcer = new Announcer();
  session = running;
  context.subscriptions.push(
    log,
    serverLog,
    interpreters,
    running,
    status,
    registerCommands({ context, session: running, log, serverLog, wheel: () => managed.wheel() }),
    running.onDidChangeState((state) => {
      status.show(state);
      void announcer.announce(state);
    }),
    interpreters.onDidChange(() => running.reconsider('the interpreters changed')),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart('the workspace is trusted now')),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('lift.interpreter') || event.affectsConfiguration('lift.importStrategy')) {
        void running.reconsider('the settings changed');
      }
    }),
  );
  void running.restart('the extension was activated');
}

export async function deactivate(): Promise<void> {
  await session?.end();
}

/** Chooses the server for what the editor knows at this moment. */
function choosing(
  { signal, mayInstall, installing }: Choice,
  interpreters: Interpreters,
  managed: ManagedEnvironment,
  log: vscode.LogOutputChannel,
  folder: string,
): Promise<Chosen> {
  const scope = vscode.workspace.workspaceFolders?.[0]?.uri;
  return chooseServer({
    source: serverSource(vscode.workspace.getConfiguration('lift', scope), scope?.fsPath),
    trusted: vscode.workspace.isTrusted,
    folders: (vscode.workspace.workspaceFolders ?? []).map((each) => each.uri.fsPath),
    candidates: () => interpreters.candidates(scope),
    probe: (executable) => probe(executable, folder),
    managed: () => managed.find(),
    hasWheel: async () => (await managed.wheel()) !== undefined,
    install: async (base) => {
      if (!mayInstall) {
        return { kind: 'failed', problem: 'cancelled', output: '' };
      }
      installing();
      return installInSight(managed, base, log, signal);
    },
    log: (text) => log.info(text),
  });
}

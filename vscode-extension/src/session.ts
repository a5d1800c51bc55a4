/**
 * The one server of a workspace: starts it, restarts it, and says what it is doing.
 *
 * Starts and stops are queued, so that a change of interpreter during a start cannot leave two servers.
 */
import * as readline from 'node:readline';
import * as vscode from 'vscode';
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State as ClientState,
  WorkDoneProgressCancelNotification,
  type ErrorHandler,
  type InitializeParams,
  type LanguageClientOptions,
  type Middleware,
  type ProgressToken,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import { Crashes } from './crashes';
import { levelOf } from './log';
import { commandOf, isSame, type Chosen, type Server } from './server';
import { settingsForServer } from './settings';
import type { State } from './state';

/** How the server is to be chosen this time. */
export interface Choice {
  /** Ends the choice early. */
  readonly signal: AbortSignal;
  /** Whether lift may be installed; not if the user has cancelled that and not asked again. */
  readonly mayInstall: boolean;
  /** Called before an installation. */
  readonly installing: () => void;
}

/** What a session needs from the rest of the extension. */
export interface SessionParts {
  readonly log: vscode.LogOutputChannel;
  readonly serverLog: vscode.LogOutputChannel;
  /** A folder without Python modules, which the server runs in. */
  readonly folder: string;
  readonly choose: (choice: Choice) => Promise<Chosen>;
}

export class Session implements vscode.Disposable {
  readonly #parts: SessionParts;
  readonly #changed = new vscode.EventEmitter<State>();
  readonly #crashes = new Crashes();
  readonly #work = new Map<ProgressToken, string>();
  #lastWords = '';
  #lastError = '';
  #mayInstall = true;
  #state: State = { kind: 'stopped' };
  #client: LanguageClient | undefined;
  #queue: Promise<void> = Promise.resolve();
  #choosing = new AbortController();
  #isDisposed = false;

  readonly onDidChangeState = this.#changed.event;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get state(): State {
    return this.#state;
  }

  /** The client while the server answers. */
  get client(): LanguageClient | undefined {
    return this.#state.kind === 'running' ? this.#client : undefined;
  }

  /** Starts the server anew, whatever it was doing; an installation under way is ended. */
  restart(why: string): Promise<void> {
    this.#choosing.abort();
    return this.#enqueue(async () => {
      this.#parts.log.info(`Starting the server: ${why}`);
      this.#crashes.forget();
      this.#mayInstall = true;
      await this.#stop();
      await this.#chooseAndStart(undefined);
    });
  }

  /** Starts the server anew if another one would be chosen now. */
  reconsider(why: string): Promise<void> {
    return this.#enqueue(async () => {
      this.#parts.log.info(`Choosing the server again: ${why}`);
      await this.#chooseAndStart('server' in this.#state ? this.#state.server : undefined);
    });
  }

  /** Asks the server to stop what it reports progress on. */
  async cancel(): Promise<void> {
    for (const token of this.#work.keys()) {
      await this.client?.sendNotification(WorkDoneProgressCancelNotification.type, { token });
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#choosing.abort();
    this.#changed.dispose();
  }

  /** Stops the server for good; resolves when its process has ended or has been given up on. */
  async end(): Promise<void> {
    this.dispose();
    await this.#queue;
    await this.#stop();
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#isDisposed) {
        return;
      }
      try {
        await task();
      } catch (error) {
        this.#parts.log.error(error instanceof Error ? error : String(error));
      }
    });
    return this.#queue;
  }

  async #chooseAndStart(current: Server | undefined): Promise<void> {
    this.#choosing = new AbortController();
    const { signal } = this.#choosing;
    const isRunning = this.#state.kind === 'running';
    if (!isRunning) {
      this.#become({ kind: 'choosing' });
    }
    const installing = (): void => this.#become({ kind: 'installing' });
    const chosen = await this.#parts.choose({ signal, mayInstall: this.#mayInstall, installing });
    if (chosen.kind === 'cancelled') {
      this.#mayInstall = signal.aborted;
    }
    if (chosen.kind === 'server' && isRunning && isSame(chosen.server, current)) {
      return;
    }
    await this.#stop();
    if (chosen.kind === 'server') {
      await this.#start(chosen.server);
    } else {
      this.#become(chosen);
    }
  }

  async #start(server: Server): Promise<void> {
    this.#become({ kind: 'starting', server });
    const { command, args } = commandOf(server);
    this.#parts.log.info(`${command} ${args.join(' ')} (${server.origin}, lift ${server.interpreter.lift || '?'})`);
    const options = { cwd: this.#parts.folder, env: { PYTHONSAFEPATH: '1' } };
    const client = new QuietClient('lift', 'lift', { command, args, options }, this.#clientOptions(server));
    this.#client = client;
    // The client also starts the server by itself, after it died; so the state is heard, not awaited.
    client.onDidChangeState(({ newState }) => {
      if (newState === ClientState.Running && this.#client === client) {
        this.#running(server, client);
      }
    });
    this.#lastWords = this.#lastError = '';
    try {
      await client.start();
    } catch (error) {
      const reason = this.#lastError || this.#lastWords || messageOf(error);
      this.#failed(server, vscode.l10n.t('The server did not start: {0}', reason));
    }
  }

  #running(server: Server, client: LanguageClient): void {
    const version = client.initializeResult?.serverInfo?.version ?? server.interpreter.lift ?? '';
    this.#parts.log.info(`The server runs: lift ${version || '?'}`);
    this.#become({ kind: 'running', server, version, work: [], deaths: this.#crashes.count });
  }

  #failed(server: Server, reason: string): void {
    if (this.#state.kind !== 'failed') {
      this.#parts.log.error(reason);
      this.#become({ kind: 'failed', server, reason });
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#work.clear();
    try {
      await client?.dispose();
    } catch (error) {
      // A server that never answered cannot be stopped in the orderly way; its process has ended.
      this.#parts.log.debug(`Stopping the server: ${messageOf(error)}`);
    }
    if (client !== undefined) {
      this.#become({ kind: 'stopped' });
    }
  }

  #clientOptions(server: Server): LanguageClientOptions {
    const { serverLog } = this.#parts;
    const forward = (input: NodeJS.ReadableStream, channel: vscode.LogOutputChannel): void => {
      readline.createInterface({ input }).on('line', (line) => {
        const level = levelOf(line);
        channel[level](line);
        this.#lastWords = line.trim() || this.#lastWords;
        this.#lastError = level === 'error' ? line.trim() : this.#lastError;
      });
    };
    return {
      documentSelector: [
        { scheme: 'file', language: 'python' },
        { scheme: 'untitled', language: 'python' },
      ],
      // The settings are asked for by the server; trust is the one thing that it has no other way to know.
      initializationOptions: () => ({ trusted: vscode.workspace.isTrusted }),
      outputChannel: serverLog,
      traceOutputChannel: serverLog,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticCollectionName: 'lift',
      errorHandler: this.#errorHandler(server),
      initializationFailedHandler: () => false,
      middleware: this.#middleware(),
      stdioOptions: { stdout: forward, stderr: forward },
    };
  }

  #middleware(): Middleware {
    return {
      workspace: {
        configuration: async (params, token, next) => {
          const answers = await next(params, token);
          return Array.isArray(answers)
            ? params.items.map((item, i): unknown =>
                item.section === 'lift' ? settingsOf(item.scopeUri) : (answers as unknown[])[i],
              )
            : answers;
        },
        didChangeConfiguration: async () => {
          const settings = { lift: settingsOf(undefined) };
          await this.client?.sendNotification(DidChangeConfigurationNotification.type, { settings });
        },
      },
      handleWorkDoneProgress: (token, params, next) => {
        this.#progress(token, params);
        next(token, params);
      },
    };
  }

  #progress(token: ProgressToken, params: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd): void {
    if (params.kind === 'end') {
      this.#work.delete(token);
    } else {
      const title = params.kind === 'begin' ? params.title : (this.#work.get(token) ?? '').split(': ')[0];
      this.#work.set(token, [title, params.message].filter(Boolean).join(': '));
    }
    if (this.#state.kind === 'running') {
      this.#become({ ...this.#state, work: [...this.#work.values()] });
    }
  }

  /** The client restarts a server that died, by itself, until it has died too often. */
  #errorHandler(server: Server): ErrorHandler {
    return {
      error: (error, _message, count) => {
        this.#parts.log.warn(`Talking to the server: ${error.message}`);
        return { action: (count ?? 0) <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown, handled: true };
      },
      closed: () => {
        this.#work.clear();
        if (this.#state.kind === 'starting') {
          // The start itself fails then, and tells why; another try would fail in the same way.
          return { action: CloseAction.DoNotRestart, handled: true };
        }
        if (this.#crashes.isTooMany(Date.now())) {
          const count = vscode.l10n.t('The server died {0} times in a row.', Crashes.LIMIT);
          queueMicrotask(() => this.#failed(server, `${count} ${this.#lastError}`.trim()));
          return { action: CloseAction.DoNotRestart, handled: true };
        }
        this.#parts.log.warn('The server died and is started again.');
        this.#become({ kind: 'starting', server });
        return { action: CloseAction.Restart, handled: true };
      },
    };
  }

  #become(state: State): void {
    this.#state = state;
    if (!this.#isDisposed) {
      this.#changed.fire(state);
    }
  }
}

/** A client that logs what goes wrong and leaves telling the user to the status item and the announcer. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /**
   * VS Code takes the colours of one server a file and drops those of the others, and where one server folds it no longer
   * folds by indentation. So lift, which knows specifications only, is not asked for either here.
   */
  protected override fillInitializeParams(params: InitializeParams): void {
    super.fillInitializeParams(params);
    delete params.capabilities.textDocument?.semanticTokens;
    delete params.capabilities.textDocument?.foldingRange;
  }
}

function settingsOf(scope: string | undefined): Record<string, unknown> {
  const uri = scope === undefined ? undefined : vscode.Uri.parse(scope);
  return settingsForServer(vscode.workspace.getConfiguration('lift', uri));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

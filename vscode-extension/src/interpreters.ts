/**
 * Which Python interpreters there are to run the server, the most wanted first.
 *
 * Both Python extensions are soft dependencies: without them, or when they fail, the PATH is left.
 */
import { access, constants } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';

export type Origin = 'setting' | 'python-environments' | 'python' | 'path';

/** An interpreter that somebody or something names; nobody has run it yet. */
export interface Candidate {
  readonly path: string;
  readonly origin: Origin;
}

// The members of the two extensions' public interfaces that are used here. Their packages of types
// would be two more dependencies for four members.
interface PythonEnvironments {
  getEnvironment(
    scope: vscode.Uri | undefined,
  ): Promise<{ readonly execInfo: { readonly run: { readonly executable: string } } } | undefined>;
  readonly onDidChangeEnvironment: vscode.Event<unknown>;
}
interface Python {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(
      environment: { readonly path: string },
    ): Promise<{ readonly executable: { readonly uri: vscode.Uri | undefined } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

export class Interpreters implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: { dispose(): unknown }[] = [this.#changed];
  readonly #watched = new Set<string>();
  readonly #log: vscode.LogOutputChannel;

  /** Somebody selected another interpreter, or an extension that knows them came or went. */
  readonly onDidChange = this.#changed.event;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
    this.#subscriptions.push(vscode.extensions.onDidChange(() => this.#changed.fire()));
  }

  /** Candidates, the most wanted first; later ones are only looked for when they are asked for. */
  async *candidates(scope: vscode.Uri | undefined): AsyncGenerator<Candidate> {
    const environments = await this.#fromPythonEnvironments(scope);
    if (environments !== undefined) {
      yield { path: environments, origin: 'python-environments' };
    }
    const python = await this.#fromPython(scope);
    if (python !== undefined && python !== environments) {
      yield { path: python, origin: 'python' };
    }
    for (const found of await onPath(['python3', 'python'], process.env)) {
      yield { path: found, origin: 'path' };
    }
  }

  dispose(): void {
    this.#subscriptions.forEach((each) => each.dispose());
  }

  async #fromPythonEnvironments(scope: vscode.Uri | undefined): Promise<string | undefined> {
    const id = 'ms-python.vscode-python-envs';
    return this.#tolerant(id, async () => {
      const api = await exportsOf(vscode.extensions.getExtension<PythonEnvironments | undefined>(id));
      this.#watch(id, api?.onDidChangeEnvironment);
      return (await api?.getEnvironment(scope))?.execInfo.run.executable;
    });
  }

  async #fromPython(scope: vscode.Uri | undefined): Promise<string | undefined> {
    const id = 'ms-python.python';
    return this.#tolerant(id, async () => {
      const api = await exportsOf(vscode.extensions.getExtension<Python | undefined>(id));
      this.#watch(id, api?.environments.onDidChangeActiveEnvironmentPath);
      const selected = api?.environments.getActiveEnvironmentPath(scope);
      const resolved = selected && (await api?.environments.resolveEnvironment(selected));
      return resolved?.executable.uri?.fsPath;
    });
  }

  /** Another extension's failure must not keep lift from starting. */
  async #tolerant(id: string, question: () => Promise<string | undefined>): Promise<string | undefined> {
    try {
      return await question();
    } catch (error) {
      this.#log.warn(`${id} did not name an interpreter: ${String(error)}`);
      return undefined;
    }
  }

  #watch(id: string, event: vscode.Event<unknown> | undefined): void {
    if (event !== undefined && !this.#watched.has(id)) {
      this.#watched.add(id);
      this.#subscriptions.push(event(() => this.#changed.fire()));
    }
  }
}

/** The interface of an extension; nothing if it is not there, or exports none because it is switched off. */
async function exportsOf<Api>(extension: vscode.Extension<Api> | undefined): Promise<Api | undefined> {
  return extension?.isActive ? extension.exports : extension?.activate();
}

/** Where the programs called `names` lie on the PATH: all places of the first name, then of the next. */
export async function onPath(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const windows = process.platform === 'win32';
  const folders = (environment.PATH ?? environment.Path ?? '').split(path.delimiter);
  const found: string[] = [];
  for (const name of names) {
    for (const folder of folders.filter((f) => path.isAbsolute(f))) {
      const file = path.join(folder, windows ? `${name}.exe` : name);
      if (await isExecutable(file)) {
        found.push(file);
      }
    }
  }
  return [...new Set(found)];
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

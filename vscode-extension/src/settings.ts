/**
 * The settings under `lift.`: what the client reads itself, and what it passes on to the server.
 *
 * Must not import `vscode` at run time, so that its rules are tested without an editor.
 */
import * as os from 'node:os';
import * as path from 'node:path';

export type ImportStrategy = 'fromEnvironment' | 'useManaged';

/** The part of `WorkspaceConfiguration` that is read here. */
export interface Configuration {
  get(key: string): unknown;
  inspect(key: string): Inspection | undefined;
}

interface Inspection {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** Where the server comes from. */
export interface ServerSource {
  readonly interpreter: string;
  readonly importStrategy: ImportStrategy;
}

/** The settings that the server reads; all others are the client's own. */
export const SERVER_SETTINGS = [
  'verifyOnSave',
  'runCode',
  'seconds',
  'memoryMb',
  'solvers',
  'backend',
  'workers',
  'exclude',
  'severity',
  'lens',
  'hints',
  'provider',
  'endpoint',
  'model',
  'modelFile',
  'candidates',
  'modelSeconds',
  'dailyTokens',
  'requestsPerMinute',
] as const;

/**
 * The server's settings that somebody has set.
 *
 * VS Code fills in the defaults of the manifest, and the editor's settings go before pyproject.toml:
 * sent along, the defaults would switch off whatever the project has written down.
 */
export function settingsForServer(configuration: Configuration): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const key of SERVER_SETTINGS) {
    const found = configuration.inspect(key);
    const isSet =
      found?.globalValue !== undefined ||
      found?.workspaceValue !== undefined ||
      found?.workspaceFolderValue !== undefined;
    if (isSet) {
      settings[key] = configuration.get(key);
    }
  }
  return settings;
}

/** Where the user wants the server from; `folder` is the first workspace folder, if there is one. */
export function serverSource(configuration: Configuration, folder: string | undefined): ServerSource {
  const interpreter = configuration.get('interpreter');
  const strategy = configuration.get('importStrategy');
  return {
    interpreter: expand(typeof interpreter === 'string' ? interpreter : '', folder, process.env),
    importStrategy: strategy === 'useManaged' ? 'useManaged' : 'fromEnvironment',
  };
}

/**
 * The path of an interpreter as a person writes it, made complete.
 *
 * A bare name such as `python3.12` stays as it is, to be looked up on the PATH. A variable that is not
 * set becomes nothing, as it does in VS Code's own settings.
 */
export function expand(
  text: string,
  folder: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const replaced = text
    .trim()
    .replace(/^~(?=$|[\\/])/, os.homedir())
    .replace(/\$\{workspaceFolder\}/g, folder ?? '')
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => environment[name] ?? '');
  const isPath = /[\\/]/.test(replaced);
  return isPath && folder !== undefined ? path.resolve(folder, replaced) : replaced;
}

/** Whether `file` lies in one of `folders`, by its path as written: a link out of a folder is still in it. */
export function isInside(file: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    const relative = path.relative(folder, file);
    const leaves = relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
    return !leaves;
  });
}

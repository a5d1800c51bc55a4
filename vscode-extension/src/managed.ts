/**
 * lift's own Python environment, made from the wheel that the extension carries.
 *
 * It lies in the extension's global storage, one folder for each wheel and Python, and counts as made
 * once its stamp is written: a folder without one is what an ended installation left behind.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { run, type Ended } from './process';
import type { Interpreter } from './probe';

/** Why an environment could not be made; each has its own remedy. */
export type InstallProblem =
  | 'no-wheel'
  | 'no-venv'
  | 'offline'
  | 'no-space'
  | 'not-writable'
  | 'cancelled'
  | 'other';

export type Installed =
  | { readonly kind: 'installed'; readonly executable: string }
  | { readonly kind: 'failed'; readonly problem: InstallProblem; readonly output: string };

export interface InstallOptions {
  readonly signal: AbortSignal;
  /** Told what is happening: a step, or a line that pip printed. */
  readonly onOutput: (text: string) => void;
}

/** Environments that nobody has started for this long are removed, in milliseconds. */
const UNUSED = 30 * 24 * 3600 * 1000;
const PIP_OPTIONS = ['--disable-pip-version-check', '--no-input', '--progress-bar=off'];
const INSTALL_LIMIT = 15 * 60 * 1000;

export class ManagedEnvironment {
  readonly #storage: string;
  readonly #bundled: string;

  /** Keeps environments in `storage`; the wheel lies in `bundled`. Neither folder has to exist. */
  constructor(storage: string, bundled: string) {
    this.#storage = storage;
    this.#bundled = bundled;
  }

  /** The interpreter of the environment for this extension's wheel, if one has been made. */
  async find(): Promise<string | undefined> {
    const wheel = await this.wheel();
    if (wheel === undefined) {
      return undefined;
    }
    const prefix = await prefixOf(wheel);
    for (const name of await namesIn(this.#storage)) {
      const folder = path.join(this.#storage, name);
      if (name.startsWith(prefix) && existsSync(stampOf(folder)) && existsSync(pythonOf(folder))) {
        const now = new Date();
        await utimes(stampOf(folder), now, now).catch(() => undefined);
        return pythonOf(folder);
      }
    }
    return undefined;
  }

  /** The bundled wheel; nothing when the extension was packed without one. */
  async wheel(): Promise<string | undefined> {
    const name = (await namesIn(this.#bundled)).find((file) => file.endsWith('.whl'));
    return name === undefined ? undefined : path.join(this.#bundled, name);
  }

  /** Makes the environment on top of `base`; waits while another window makes the same one. */
  async create(base: Interpreter, options: InstallOptions): Promise<Installed> {
    const wheel = await this.wheel();
    if (wheel === undefined) {
      return { kind: 'failed', problem: 'no-wheel', output: '' };
    }
    const name = (await prefixOf(wheel)) + base.python.split('.').slice(0, 2).join('.');
    const folder = path.join(this.#storage, name);
    try {
      await mkdir(this.#storage, { recursive: true });
      const unlock = await lock(`${folder}.lock`, options.signal);
      try {
        const isMade = existsSync(stampOf(folder));
        return isMade ? installed(folder) : await install(base, wheel, folder, options);
      } finally {
        await unlock();
        await this.#removeUnused(name);
      }
    } catch (error) {
      const problem = options.signal.aborted ? 'cancelled' : problemOf(String(error));
      return { kind: 'failed', problem, output: String(error) };
    }
  }

  async #removeUnused(current: string): Promise<void> {
    for (const name of await namesIn(this.#storage)) {
      const folder = path.join(this.#storage, name);
      const stamp = await stat(stampOf(folder)).catch(() => undefined);
      if (name !== current && stamp !== undefined && Date.now() - stamp.mtimeMs > UNUSED) {
        await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      }
    }
  }
}

async function install(
  base: Interpreter,
  wheel: string,
  folder: string,
  options: InstallOptions,
): Promise<Installed> {
  await rm(folder, { recursive: true, force: true });
  const limits = { cwd: path.dirname(folder), milliseconds: INSTALL_LIMIT, ...options };
  const steps: [string, string[]][] = [
    [base.executable, ['-m', 'venv', folder]],
    [pythonOf(folder), ['-m', 'pip', 'install', ...PIP_OPTIONS, wheel]],
  ];
  for (const [command, args] of steps) {
    options.onOutput(`> ${command} ${args.join(' ')}\n`);
    const ended = await run(command, args, limits);
    if (ended.code !== 0) {
      // A half-made environment is worth nothing and may be large.
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      return failed(ended, options.signal);
    }
  }
  await writeFile(stampOf(folder), `${path.basename(wheel)}\n`);
  return installed(folder);
}

function installed(folder: string): Installed {
  return { kind: 'installed', executable: pythonOf(folder) };
}

function failed(ended: Ended, signal: AbortSignal): Installed {
  const output = [ended.stdout, ended.stderr, ended.failure ?? ''].join('\n').trim();
  return { kind: 'failed', problem: signal.aborted ? 'cancelled' : problemOf(output), output };
}

/** Which known problem the output of venv and pip, or of the file system, speaks of. */
export function problemOf(output: string): InstallProblem {
  const signs: [InstallProblem, RegExp][] = [
    ['no-space', /No space left on device|ENOSPC/i],
    ['no-venv', /ensurepip is not available|No module named '?(venv|ensurepip|pip)\b/i],
    ['not-writable', /EACCES|EROFS|Permission denied|Read-only file system/i],
    ['offline', /NewConnectionError|NameResolutionError|Temporary failure in name resolution|Max retries exceeded/i],
    ['offline', /ConnectTimeout|ProxyError|No matching distribution|Could not find a version|did not finish in/i],
  ];
  return signs.find(([, sign]) => sign.test(output))?.[0] ?? 'other';
}

/** The interpreter of the environment in `folder`. */
function pythonOf(folder: string): string {
  return process.platform === 'win32'
    ? path.join(folder, 'Scripts', 'python.exe')
    : path.join(folder, 'bin', 'python');
}

function stampOf(folder: string): string {
  return path.join(folder, 'lift-environment');
}

/** How the names of a wheel's environments begin: by its contents, since a version can be built twice. */
async function prefixOf(wheel: string): Promise<string> {
  const digest = createHash('sha256').update(await readFile(wheel)).digest('hex');
  return `${digest.slice(0, 12)}-`;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return [];
  }
}

/** Takes the lock `file`, which holds the id of the process that has it; hands back how to release it. */
async function lock(file: string, signal: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
    }
    if (await isAbandoned(file)) {
      await rm(file, { force: true });
    } else {
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

/** Whether the lock's owner has died; one so old that no installation can last as long counts as well. */
async function isAbandoned(file: string): Promise<boolean> {
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  const made = (await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now();
  return (owner > 0 && !isAlive(owner)) || Date.now() - made > 2 * INSTALL_LIMIT;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

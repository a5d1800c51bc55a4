/**
 * Runs a program to its end, with a time limit, and hands back what it said.
 *
 * Must not import `vscode`.
 */
import { spawn } from 'node:child_process';

/** How a program ended: `code` is null when it was ended, and `failure` says why it never ran. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly failure?: string;
}

export interface RunOptions {
  /** Folder to run in; never the workspace, whose modules Python would otherwise import. */
  readonly cwd: string;
  readonly milliseconds: number;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
  /** Called for each piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Runs `command`; never rejects. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  return new Promise((resolve) => {
    const stdout: string[] = [];
    const stderr: string[] = [];
    const timeout = AbortSignal.timeout(options.milliseconds);
    const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
    const done = (code: number | null, failure?: string): void => {
      const ended = { code, stdout: stdout.join(''), stderr: stderr.join('') };
      resolve(failure === undefined ? ended : { ...ended, failure });
    };
    const child = spawn(command, args, {
      cwd: options.cwd,
      // Isolation by `-I` would also hide packages that the user installed for themselves, so only the
      // folder of the script is taken off the search path.
      env: { ...process.env, PYTHONSAFEPATH: '1', PYTHONIOENCODING: 'utf-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const collect = (parts: string[]) => (text: string) => {
      parts.push(text);
      options.onOutput?.(text);
    };
    child.stdout.setEncoding('utf8').on('data', collect(stdout));
    child.stderr.setEncoding('utf8').on('data', collect(stderr));
    child.on('error', (error) => {
      if (options.signal?.aborted) {
        done(null, 'cancelled');
      } else if (timeout.aborted) {
        done(null, `did not finish in ${options.milliseconds / 1000} s`);
      } else {
        done(null, error.message);
      }
    });
    child.on('close', (code) => {
      done(code);
    });
  });
}

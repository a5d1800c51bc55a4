/**
 * Asks an interpreter what it is and whether lift is installed in it.
 *
 * Must not import `vscode`.
 */
import { run } from './process';

/** The oldest Python that lift runs on. */
export const OLDEST = [3, 11] as const;

/** An interpreter that answered. */
export interface Interpreter {
  /** Its own path, `sys.executable`. */
  readonly executable: string;
  /** `3.11.7` */
  readonly python: string;
  /** lift's version; null when lift is not installed there, empty when it has no metadata. */
  readonly lift: string | null;
}

export type Probed =
  | { readonly kind: 'interpreter'; readonly interpreter: Interpreter }
  | { readonly kind: 'too-old'; readonly python: string }
  | { readonly kind: 'broken'; readonly reason: string };

// Runs on any Python 3, so that one that is too old can say so. A package that happens to be called
// `lift` has no `lift.lsp`.
const QUESTION = `
import json, sys
answer = {"executable": sys.executable, "python": ".".join(map(str, sys.version_info[:3])), "lift": None}
try:
    from importlib import metadata, util
    if util.find_spec("lift") and util.find_spec("lift.lsp"):
        try:
            answer["lift"] = metadata.version("lift-sys")
        except metadata.PackageNotFoundError:
            answer["lift"] = ""
except Exception:
    pass
print(json.dumps(answer))
`;

/** Asks `executable`; `cwd` must be a folder without Python modules of its own. */
export async function probe(executable: string, cwd: string): Promise<Probed> {
  const ended = await run(executable, ['-c', QUESTION], { cwd, milliseconds: 20_000 });
  if (ended.code !== 0) {
    const said = ended.stderr.trim().split('\n').at(-1) ?? '';
    return { kind: 'broken', reason: (ended.failure ?? said) || `ended with code ${ended.code ?? 'none'}` };
  }
  return answerOf(ended.stdout);
}

/** Reads what an interpreter printed; something may have been printed before the answer. */
export function answerOf(stdout: string): Probed {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    return { kind: 'broken', reason: `answered ${JSON.stringify(line.slice(0, 80))}` };
  }
  if (!isInterpreter(answer)) {
    return { kind: 'broken', reason: `answered ${JSON.stringify(line.slice(0, 80))}` };
  }
  return isTooOld(answer.python)
    ? { kind: 'too-old', python: answer.python }
    : { kind: 'interpreter', interpreter: answer };
}

function isInterpreter(answer: unknown): answer is Interpreter {
  if (typeof answer !== 'object' || answer === null) {
    return false;
  }
  const fields = answer as Record<string, unknown>;
  return (
    typeof fields.executable === 'string' &&
    typeof fields.python === 'string' &&
    (fields.lift === null || typeof fields.lift === 'string')
  );
}

function isTooOld(python: string): boolean {
  const [major = 0, minor = 0] = python.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

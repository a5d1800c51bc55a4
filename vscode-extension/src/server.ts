/**
 * Decides which server runs: which interpreter, found how, with which lift.
 *
 * Plain functions over what the editor knows, so that each case is tested; must not import `vscode` at
 * run time but for its texts.
 */
import * as path from 'node:path';
import { l10n } from 'vscode';
import type { Candidate, Origin } from './interpreters';
import type { Installed, InstallProblem } from './managed';
import { OLDEST, type Interpreter, type Probed } from './probe';
import { isInside, type ServerSource } from './settings';

/** A server that can be started. */
export interface Server {
  readonly interpreter: Interpreter;
  readonly origin: Origin | 'managed';
  /** Something that the user should know all the same, such as why the selected interpreter is not used. */
  readonly note?: string;
}

/** No server can be started: what is wrong, and what to do about it. */
export interface Missing {
  readonly message: string;
  readonly remedy: string;
}

export type Chosen =
  | { readonly kind: 'server'; readonly server: Server }
  | { readonly kind: 'missing'; readonly missing: Missing }
  | { readonly kind: 'cancelled' };

/** What the choice depends on. */
export interface Surroundings {
  readonly source: ServerSource;
  readonly trusted: boolean;
  readonly folders: readonly string[];
  readonly candidates: () => AsyncIterable<Candidate>;
  readonly probe: (executable: string) => Promise<Probed>;
  /** The managed environment's interpreter, if it has been made. */
  readonly managed: () => Promise<string | undefined>;
  readonly hasWheel: () => Promise<boolean>;
  /** Makes the managed environment, in sight of the user. */
  readonly install: (base: Interpreter) => Promise<Installed>;
  readonly log: (text: string) => void;
}

/** Chooses the server, installing it into lift's own environment where that is the way left. */
export async function chooseServer(around: Surroundings): Promise<Chosen> {
  const surveyed = around.source.interpreter === '' ? await survey(around) : await ask(around);
  if (surveyed.kind !== 'survey') {
    return surveyed;
  }
  const { bases, rejected } = surveyed;
  const note = noteOf(around.source, bases);
  const existing = await around.managed();
  if (existing !== undefined) {
    const probed = await around.probe(existing);
    if (probed.kind === 'interpreter' && probed.interpreter.lift !== null) {
      return ready(probed.interpreter, 'managed', note);
    }
    around.log(`lift's own environment does not work: ${existing}`);
  }
  const [base] = bases;
  if (base === undefined) {
    return missing(noPython(rejected));
  }
  if (!(await around.hasWheel())) {
    return missing(notInstalled(base));
  }
  const installed = await around.install(base);
  if (installed.kind === 'failed') {
    return installed.problem === 'cancelled' ? { kind: 'cancelled' } : missing(notMade(installed.problem, base));
  }
  const probed = await around.probe(installed.executable);
  return probed.kind === 'interpreter' && probed.interpreter.lift !== null
    ? ready(probed.interpreter, 'managed', note)
    : missing(notMade('other', base));
}

/** Interpreters that are new enough, none of which has a lift to be used, and why others are not. */
interface Survey {
  readonly kind: 'survey';
  readonly bases: readonly Interpreter[];
  readonly rejected: readonly string[];
}

/** The interpreter of the setting: what a person wrote down is never replaced in silence. */
async function ask(around: Surroundings): Promise<Chosen | Survey> {
  const { interpreter: wanted, importStrategy } = around.source;
  if (!around.trusted && isInside(wanted, around.folders)) {
    return missing({
      message: l10n.t('The interpreter in "lift.interpreter" lies in an untrusted workspace: {0}', wanted),
      remedy: l10n.t('Trust the workspace, or clear the setting "lift.interpreter".'),
    });
  }
  const probed = await around.probe(wanted);
  if (probed.kind !== 'interpreter') {
    return missing({
      message: l10n.t('The interpreter in "lift.interpreter" cannot be used: {0}', reasonOf(wanted, probed)),
      remedy: l10n.t('Correct the setting "lift.interpreter", or clear it to use the selected interpreter.'),
    });
  }
  const { interpreter } = probed;
  return interpreter.lift !== null && importStrategy === 'fromEnvironment'
    ? ready(interpreter, 'setting', undefined)
    : { kind: 'survey', bases: [interpreter], rejected: [] };
}

async function survey(around: Surroundings): Promise<Chosen | Survey> {
  const bases: Interpreter[] = [];
  const rejected: string[] = [];
  for await (const candidate of around.candidates()) {
    if (!around.trusted && isInside(candidate.path, around.folders)) {
      rejected.push(l10n.t('{0} lies in an untrusted workspace.', candidate.path));
      continue;
    }
    const probed = await around.probe(candidate.path);
    if (probed.kind !== 'interpreter') {
      rejected.push(reasonOf(candidate.path, probed));
      continue;
    }
    const { interpreter } = probed;
    const has = `Python ${interpreter.python}, lift ${interpreter.lift ?? '-'}`;
    around.log(`${candidate.path} (${candidate.origin}): ${has}`);
    if (interpreter.lift !== null && around.source.importStrategy === 'fromEnvironment') {
      const [selected] = bases;
      return ready(interpreter, candidate.origin, selected && notInSelected(selected));
    }
    bases.push(interpreter);
  }
  rejected.forEach(around.log);
  return { kind: 'survey', bases, rejected };
}

/** How the server is started. */
export function commandOf(server: Server): { command: string; args: string[] } {
  return { command: server.interpreter.executable, args: ['-m', 'lift.lsp'] };
}

/** Whether two choices come to the same process. */
export function isSame(one: Server | undefined, other: Server | undefined): boolean {
  return (
    one?.interpreter.executable === other?.interpreter.executable && one?.interpreter.lift === other?.interpreter.lift
  );
}

/** The short name of an interpreter: of its environment's folder, where it has one. */
export function nameOf(interpreter: Interpreter): string {
  const folder = path.dirname(interpreter.executable);
  const inEnvironment = ['bin', 'Scripts'].includes(path.basename(folder));
  const name = path.basename(path.dirname(folder));
  return inEnvironment && !['usr', 'local', ''].includes(name) ? name : interpreter.executable;
}

function ready(interpreter: Interpreter, origin: Server['origin'], note: string | undefined): Chosen {
  return { kind: 'server', server: note === undefined ? { interpreter, origin } : { interpreter, origin, note } };
}

function missing(what: Missing): Chosen {
  return { kind: 'missing', missing: what };
}

function reasonOf(executable: string, probed: Exclude<Probed, { kind: 'interpreter' }>): string {
  return probed.kind === 'too-old'
    ? l10n.t('{0} is Python {1}; lift needs {2} or newer.', executable, probed.python, OLDEST.join('.'))
    : l10n.t('{0} could not be run: {1}', executable, probed.reason);
}

function noteOf(source: ServerSource, bases: readonly Interpreter[]): string | undefined {
  const [selected] = bases;
  return source.importStrategy === 'fromEnvironment' && selected ? notInSelected(selected) : undefined;
}

function notInSelected(selected: Interpreter): string {
  return l10n.t('lift is not installed in {0}.', nameOf(selected));
}

function noPython(rejected: readonly string[]): Missing {
  return {
    message: [l10n.t('lift found no Python {0} or newer.', OLDEST.join('.')), ...rejected].join(' '),
    remedy: l10n.t('Install Python, or set "lift.interpreter" to the path of an interpreter.'),
  };
}

function notInstalled(base: Interpreter): Missing {
  return {
    message: l10n.t('lift is not installed in {0}, and this build of the extension carries no copy.', nameOf(base)),
    remedy: l10n.t('Run: {0}', `"${base.executable}" -m pip install lift-sys`),
  };
}

function notMade(problem: InstallProblem, base: Interpreter): Missing {
  return { message: l10n.t("lift's own Python environment could not be made."), remedy: remedyFor(problem, base) };
}

function remedyFor(problem: InstallProblem, base: Interpreter): string {
  const byHand = `"${base.executable}" -m pip install lift-sys`;
  switch (problem) {
    case 'offline':
      return l10n.t('pip could not reach its package index. Connect and try again, or install it yourself: {0}', byHand);
    case 'no-venv':
      return l10n.t(
        'Python {0} lacks the module "venv"; on Debian and Ubuntu install the package python3-venv. Or run: {1}',
        base.python,
        byHand,
      );
    case 'no-space':
      return l10n.t('The disk is full: about 200 MB are needed. Make room and try again.');
    case 'not-writable':
      return l10n.t("The extension's storage folder cannot be written. Check its permissions and try again.");
    case 'no-wheel':
    case 'cancelled':
    case 'other':
      return l10n.t('The logs say why. Or install it yourself: {0}', byHand);
  }
}

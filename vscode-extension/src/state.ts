/**
 * What the server is doing, as the user is told: in the status item and in the set-up information.
 *
 * Plain functions; must not import `vscode` at run time but for its texts.
 */
import { l10n } from 'vscode';
import { nameOf, type Missing, type Server } from './server';

/** The server answers. */
export interface Running {
  readonly kind: 'running';
  readonly server: Server;
  readonly version: string;
  /** What it is working on, in words. */
  readonly work: readonly string[];
  /** How often it died and was started again by itself, of late. */
  readonly deaths: number;
}

export type State =
  | { readonly kind: 'choosing' }
  | { readonly kind: 'installing' }
  | { readonly kind: 'starting'; readonly server: Server }
  | Running
  | { readonly kind: 'missing'; readonly missing: Missing }
  | { readonly kind: 'failed'; readonly server: Server; readonly reason: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'stopped' };

export type Severity = 'information' | 'warning' | 'error';

/** What the status item shows; `command` is the one thing to do about it. */
export interface Presentation {
  readonly text: string;
  readonly detail: string;
  readonly severity: Severity;
  readonly busy: boolean;
  readonly command: { readonly command: string; readonly title: string };
}

/** The status item for `state`; a workspace that is not trusted is said to be so. */
export function present(state: State, trusted: boolean): Presentation {
  const restart = { command: 'lift.restart', title: l10n.t('Try Again') };
  const logs = { command: 'lift.showLogs', title: l10n.t('Show Logs') };
  const waiting = { detail: '', severity: 'information', busy: true, command: logs } as const;
  switch (state.kind) {
    case 'choosing':
      return { ...waiting, text: l10n.t('lift: looking for Python') };
    case 'installing':
      return { ...waiting, text: l10n.t('lift: installing') };
    case 'starting':
      return { ...waiting, text: l10n.t('lift: starting'), detail: nameOf(state.server.interpreter) };
    case 'running':
      return presentRunning(state, trusted);
    case 'missing':
      return {
        text: l10n.t('lift: not running'),
        detail: `${state.missing.message} ${state.missing.remedy}`,
        severity: 'error',
        busy: false,
        command: restart,
      };
    case 'failed':
      return {
        text: l10n.t('lift: not running'),
        detail: state.reason,
        severity: 'error',
        busy: false,
        command: { command: 'lift.showServerLogs', title: l10n.t('Show Server Logs') },
      };
    case 'cancelled':
      return {
        text: l10n.t('lift: not installed'),
        detail: l10n.t('The installation was cancelled.'),
        severity: 'warning',
        busy: false,
        command: { command: 'lift.restart', title: l10n.t('Install') },
      };
    case 'stopped':
      return { text: l10n.t('lift: stopped'), detail: '', severity: 'warning', busy: false, command: restart };
  }
}

function presentRunning(state: Running, trusted: boolean): Presentation {
  const { server, version, work, deaths } = state;
  const interpreter = `Python ${server.interpreter.python} (${originOf(server)})`;
  const untrusted = trusted ? undefined : l10n.t('Untrusted workspace: no code is run.');
  const died = deaths > 0 ? l10n.t('It died {0}× and was started again.', deaths) : undefined;
  const busy = work.length > 0;
  return {
    text: version === '' ? 'lift' : `lift ${version}`,
    detail: [busy ? work.at(-1) : interpreter, untrusted, died, server.note].filter(Boolean).join(' · '),
    severity: trusted && deaths === 0 ? 'information' : 'warning',
    busy,
    command: busy
      ? { command: 'lift.cancel', title: l10n.t('Cancel') }
      : { command: 'lift.showSetup', title: l10n.t('Set-up') },
  };
}

function originOf(server: Server): string {
  return server.origin === 'managed' ? l10n.t("lift's own environment") : nameOf(server.interpreter);
}

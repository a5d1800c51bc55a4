/**
 * The set-up information: everything that a person who helps would ask for, as markdown to paste.
 *
 * It names versions, paths and settings, and nothing of the code in the workspace. Must not import
 * `vscode`.
 */
import type { State } from './state';

/** What is told about this editor and this extension. */
export interface Surroundings {
  readonly editor: string;
  readonly extension: string;
  readonly platform: string;
  readonly remote: string | undefined;
  readonly trusted: boolean;
  readonly folders: number;
  readonly wheel: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The set-up information; it is English in every locale, since it is read by those who mend lift. */
export function setupInformation(state: State, around: Surroundings): string {
  const rows: [string, string][] = [
    ['Extension', around.extension],
    ['Editor', around.editor],
    ['Platform', around.platform],
    ['Remote', around.remote ?? 'none'],
    ['Workspace', `${around.folders} folder${around.folders === 1 ? '' : 's'}, ${around.trusted ? '' : 'not '}trusted`],
    ['Bundled wheel', around.wheel ?? 'none'],
    ...serverRows(state),
  ];
  return [
    '# lift: set-up information',
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([name, value]) => `| ${name} | ${cell(value)} |`),
    '',
    '## Settings',
    '',
    '```json',
    JSON.stringify(around.settings, undefined, 2),
    '```',
    '',
  ].join('\n');
}

function serverRows(state: State): [string, string][] {
  const rows: [string, string][] = [['Server', state.kind]];
  if (state.kind === 'missing') {
    rows.push(['Problem', state.missing.message], ['Remedy', state.missing.remedy]);
  }
  if (state.kind === 'failed') {
    rows.push(['Problem', state.reason]);
  }
  if ('server' in state) {
    const { interpreter, origin, note } = state.server;
    rows.push(['lift', interpreter.lift || 'unknown version']);
    rows.push(['Python', interpreter.python], ['Interpreter', interpreter.executable], ['Found by', origin]);
    if (note !== undefined) {
      rows.push(['Note', note]);
    }
  }
  return rows;
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ');
}

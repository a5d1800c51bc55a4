import { describe, expect, it } from 'vitest';
import { Crashes } from '../src/crashes';
import { setupInformation } from '../src/information';
import { levelOf } from '../src/log';
import type { Server } from '../src/server';
import { summaryOf } from '../src/summary';
import { present, type State } from '../src/state';

const server: Server = {
  interpreter: { executable: '/p/.venv/bin/python', python: '3.12.1', lift: '0.1.0' },
  origin: 'python-environments',
};
const running: State = { kind: 'running', server, version: '0.1.0', work: [], deaths: 0 };

describe('the status item', () => {
  it.each<[State, boolean, Partial<ReturnType<typeof present>>]>([
    [running, true, { text: 'lift 0.1.0', detail: 'Python 3.12.1 (.venv)', severity: 'information', busy: false }],
    [running, false, { detail: 'Python 3.12.1 (.venv) · Untrusted workspace: no code is run.', severity: 'warning' }],
    [{ ...running, deaths: 2 }, true, { severity: 'warning', detail: 'Python 3.12.1 (.venv) · It died 2× and was started again.' }],
    [{ ...running, work: ['Checking a.py: 1/3'] }, true, { detail: 'Checking a.py: 1/3', busy: true }],
    [
      { ...running, server: { ...server, origin: 'managed', note: 'lift is not installed in b.' } },
      true,
      { detail: "Python 3.12.1 (lift's own environment) · lift is not installed in b." },
    ],
    [{ kind: 'missing', missing: { message: 'No Python.', remedy: 'Install it.' } }, true, { severity: 'error', detail: 'No Python. Install it.' }],
    [{ kind: 'failed', server, reason: 'It died.' }, true, { severity: 'error', detail: 'It died.', busy: false }],
    [{ kind: 'starting', server }, true, { busy: true, severity: 'information' }],
    [{ kind: 'installing' }, true, { busy: true, text: 'lift: installing' }],
    [{ kind: 'choosing' }, true, { busy: true }],
    [{ kind: 'cancelled' }, true, { severity: 'warning', busy: false }],
    [{ kind: 'stopped' }, true, { severity: 'warning', busy: false }],
  ])('of %o', (state, trusted, expected) => {
    expect(present(state, trusted)).toMatchObject(expected);
  });
});

it('the set-up information is markdown to paste', () => {
  const text = setupInformation(running, {
    editor: 'Code 1.91.0',
    extension: 'lift-sys.lift 0.1.0',
    platform: 'linux x64',
    remote: undefined,
    trusted: true,
    folders: 1,
    wheel: 'lift_sys-0.1.0-py3-none-any.whl',
    settings: { seconds: 20 },
  });
  expect(text).toContain('| Interpreter | /p/.venv/bin/python |');
  expect(text).toContain('| Workspace | 1 folder, trusted |');
  expect(text).toContain('"seconds": 20');
});

it.each([
  [[], 'no function here has a specification'],
  [['proved', 'refuted', 'proved'], '1 refuted, 2 proved'],
  [['bounded', 'unknown', 'tested', 'unchecked'], '1 unknown, 1 unchecked, 1 tested, 1 bounded'],
] as const)('%o comes to: %s', (verdicts, summary) => {
  expect(summaryOf(verdicts.map((verdict) => ({ verdict })))).toBe(summary);
});

it('three deaths within three minutes are too many', () => {
  const crashes = new Crashes();
  const minute = 60_000;
  expect([0, 4, 5, 6].map((at) => crashes.isTooMany(at * minute))).toEqual([false, false, false, true]);
  crashes.forget();
  expect(crashes.isTooMany(7 * minute)).toBe(false);
});

it.each([
  ['ERROR:lift.lsp:Error in hover', 'error'],
  ['Traceback (most recent call last):', 'error'],
  ["ModuleNotFoundError: No module named 'pygls'", 'error'],
  ['WARNING settings: lift.sconds is not a setting', 'warn'],
  ['DEBUG worker 1 started', 'debug'],
  ['lift 0.1.0 listens, no errors', 'info'],
])('%s is logged as %s', (line, level) => {
  expect(levelOf(line)).toBe(level);
});

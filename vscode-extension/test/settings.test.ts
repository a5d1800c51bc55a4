import * as os from 'node:os';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { expand, isInside, SERVER_SETTINGS, serverSource, settingsForServer } from '../src/settings';

const defaults: Record<string, unknown> = Object.fromEntries(
  Object.entries(manifest.contributes.configuration.properties).map(([key, value]) => [
    key.replace(/^lift\./, ''),
    value.default,
  ]),
);

/** A configuration in which `set` has been set at one level; the rest are the manifest's defaults. */
function configuration(set: Record<string, unknown>, level = 'workspaceValue') {
  return {
    get: (key: string) => set[key] ?? defaults[key],
    inspect: (key: string) => (key in set ? { [level]: set[key] } : {}),
  };
}

describe('settings for the server', () => {
  it('leaves out the defaults, which would override pyproject.toml', () => {
    expect(settingsForServer(configuration({}))).toEqual({});
  });

  it.each(['globalValue', 'workspaceValue', 'workspaceFolderValue'])('takes what is set as %s', (level) => {
    const set = { seconds: 20, runCode: false };
    expect(settingsForServer(configuration(set, level))).toEqual(set);
  });

  it('keeps the settings of the client to itself', () => {
    expect(settingsForServer(configuration({ interpreter: '/python', importStrategy: 'useManaged' }))).toEqual({});
  });

  it('are all in the manifest', () => {
    expect(Object.keys(defaults).sort()).toEqual(
      [...SERVER_SETTINGS, 'interpreter', 'importStrategy', 'trace.server'].sort(),
    );
  });
});

describe('the source of the server', () => {
  it.each([
    [{}, { interpreter: '', importStrategy: 'fromEnvironment' }],
    [{ interpreter: '.venv/bin/python' }, { interpreter: '/w/.venv/bin/python', importStrategy: 'fromEnvironment' }],
    [{ importStrategy: 'useManaged' }, { interpreter: '', importStrategy: 'useManaged' }],
    [{ interpreter: 3, importStrategy: 'nonsense' }, { interpreter: '', importStrategy: 'fromEnvironment' }],
  ])('of %o', (set, source) => {
    expect(serverSource(configuration(set), '/w')).toEqual(source);
  });
});

describe('an interpreter as a person writes it', () => {
  it.each([
    ['', ''],
    ['python3.12', 'python3.12'],
    [' /usr/bin/python3 ', '/usr/bin/python3'],
    ['~/py/bin/python', `${os.homedir()}/py/bin/python`],
    ['${workspaceFolder}/.venv/bin/python', '/w/.venv/bin/python'],
    ['${env:VENV}/bin/python', '/venvs/a/bin/python'],
    ['./bin/python', '/w/bin/python'],
    ['a~b', 'a~b'],
  ])('%s', (text, complete) => {
    expect(expand(text, '/w', { VENV: '/venvs/a' })).toBe(complete);
  });

  it('has no folder to be relative to without a workspace', () => {
    expect(expand('.venv/bin/python', undefined, {})).toBe('.venv/bin/python');
  });
});

describe('lying inside a folder', () => {
  it.each([
    ['/w/.venv/bin/python', true],
    ['/w', true],
    ['/w/..python', true],
    ['/www/bin/python', false],
    ['/w/../usr/bin/python', false],
    ['/usr/bin/python', false],
  ])('%s', (file, inside) => {
    expect(isInside(file, ['/other', '/w'])).toBe(inside);
  });
});

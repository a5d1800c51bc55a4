import { describe, expect, it } from 'vitest';
import type { Candidate } from '../src/interpreters';
import type { Installed } from '../src/managed';
import type { Probed } from '../src/probe';
import { chooseServer, nameOf, type Chosen, type Surroundings } from '../src/server';

/** What an interpreter answers, by its path; a path that is not here cannot be run. */
interface World {
  setting?: string;
  useManaged?: boolean;
  untrusted?: boolean;
  candidates?: string[];
  /** Path → lift's version there, null for none, or the version of a Python that is too old. */
  pythons?: Record<string, string | null | { tooOld: string }>;
  managed?: string;
  hasWheel?: boolean;
  install?: Installed;
}

async function choose(world: World): Promise<Chosen & { asked: string[] }> {
  const asked: string[] = [];
  const probe = (executable: string): Promise<Probed> => {
    asked.push(executable);
    const found = world.pythons?.[executable];
    if (found === undefined) {
      return Promise.resolve({ kind: 'broken', reason: 'ENOENT' });
    }
    if (typeof found === 'object' && found !== null) {
      return Promise.resolve({ kind: 'too-old', python: found.tooOld });
    }
    return Promise.resolve({ kind: 'interpreter', interpreter: { executable, python: '3.12.1', lift: found } });
  };
  const candidates = async function* (): AsyncGenerator<Candidate> {
    for (const path of world.candidates ?? []) {
      yield await Promise.resolve({ path, origin: 'path' });
    }
  };
  const around: Surroundings = {
    source: {
      interpreter: world.setting ?? '',
      importStrategy: world.useManaged ? 'useManaged' : 'fromEnvironment',
    },
    trusted: world.untrusted !== true,
    folders: ['/w'],
    candidates,
    probe,
    managed: () => Promise.resolve(world.managed),
    hasWheel: () => Promise.resolve(world.hasWheel ?? true),
    install: () => Promise.resolve(world.install ?? { kind: 'installed', executable: '/managed/bin/python' }),
    log: () => undefined,
  };
  return { ...(await chooseServer(around)), asked };
}

describe('a server that runs', () => {
  const managed = { '/managed/bin/python': '0.1.0' };
  it.each<[string, World, string, string, string?]>([
    ['is that of the setting', { setting: '/a/bin/python', pythons: { '/a/bin/python': '0.1.0' } }, '/a/bin/python', 'setting'],
    [
      'is that of the first candidate that has lift',
      { candidates: ['/none', '/b/bin/python', '/c/bin/python'], pythons: { '/b/bin/python': '0.1.0', '/c/bin/python': '0.2.0' } },
      '/b/bin/python',
      'path',
    ],
    [
      'says that the selected interpreter has no lift',
      { candidates: ['/w/.venv/bin/python', '/c/bin/python'], pythons: { '/w/.venv/bin/python': null, '/c/bin/python': '0.2.0' } },
      '/c/bin/python',
      'path',
      'lift is not installed in .venv.',
    ],
    [
      'is in the managed environment, made on first use',
      { candidates: ['/b/bin/python'], pythons: { '/b/bin/python': null, ...managed } },
      '/managed/bin/python',
      'managed',
      'lift is not installed in b.',
    ],
    [
      'is in the managed environment where that is asked for',
      { useManaged: true, candidates: ['/b/bin/python'], pythons: { '/b/bin/python': '0.1.0', ...managed } },
      '/managed/bin/python',
      'managed',
    ],
    [
      'is in the managed environment that was made before',
      { useManaged: true, managed: '/managed/bin/python', pythons: managed, install: { kind: 'failed', problem: 'other', output: '' } },
      '/managed/bin/python',
      'managed',
    ],
    [
      'replaces a managed environment that has broken',
      { useManaged: true, managed: '/old', candidates: ['/b/bin/python'], pythons: { '/b/bin/python': null, ...managed } },
      '/managed/bin/python',
      'managed',
    ],
    [
      'is never inside an untrusted workspace',
      {
        untrusted: true,
        candidates: ['/w/.venv/bin/python', '/usr/bin/python3'],
        pythons: { '/w/.venv/bin/python': '0.1.0', '/usr/bin/python3': '0.1.0' },
      },
      '/usr/bin/python3',
      'path',
    ],
  ])('%s', async (_, world, executable, origin, note) => {
    const chosen = await choose(world);
    expect(chosen).toMatchObject({ kind: 'server', server: { interpreter: { executable }, origin } });
    expect(chosen.kind === 'server' && chosen.server.note).toBe(note);
    if (world.untrusted) {
      expect(chosen.asked).not.toContain('/w/.venv/bin/python');
    }
  });
});

describe('no server', () => {
  const base = { candidates: ['/b/bin/python'], pythons: { '/b/bin/python': null } };
  const failing = (problem: Extract<Installed, { kind: 'failed' }>['problem']): World => ({
    ...base,
    install: { kind: 'failed', problem, output: '' },
  });
  it.each<[string, World, string, string]>([
    ['without Python', {}, 'lift found no Python 3.11 or newer.', 'Install Python'],
    [
      'with an old Python only',
      { candidates: ['/usr/bin/python3'], pythons: { '/usr/bin/python3': { tooOld: '3.9.2' } } },
      '/usr/bin/python3 is Python 3.9.2; lift needs 3.11 or newer.',
      'lift.interpreter',
    ],
    ['with a setting that is wrong', { setting: '/no', candidates: ['/b'], pythons: { '/b': '1' } }, '/no could not be run', 'Correct'],
    [
      'with a setting inside an untrusted workspace',
      { untrusted: true, setting: '/w/.venv/bin/python', pythons: { '/w/.venv/bin/python': '1' } },
      'lies in an untrusted workspace',
      'Trust the workspace',
    ],
    ['without a wheel', { ...base, hasWheel: false }, 'not installed in b', '"/b/bin/python" -m pip install lift-sys'],
    ['offline', failing('offline'), 'could not be made', 'package index'],
    ['without the module venv', failing('no-venv'), 'could not be made', 'python3-venv'],
    ['on a full disk', failing('no-space'), 'could not be made', 'Make room'],
    ['in a folder that cannot be written', failing('not-writable'), 'could not be made', 'permissions'],
    ['for a reason that nobody knows', failing('other'), 'could not be made', 'The logs say why'],
  ])('%s', async (_, world, message, remedy) => {
    const chosen = await choose(world);
    expect(chosen).toMatchObject({ kind: 'missing' });
    if (chosen.kind === 'missing') {
      expect(chosen.missing.message).toContain(message);
      expect(chosen.missing.remedy).toContain(remedy);
    }
  });

  it('after the user has cancelled', async () => {
    expect(await choose(failing('cancelled'))).toMatchObject({ kind: 'cancelled' });
  });
});

it.each([
  ['/home/a/project/.venv/bin/python', '.venv'],
  ['C:/py/Scripts/python.exe', 'py'],
  ['/usr/bin/python3', '/usr/bin/python3'],
  ['/opt/python', '/opt/python'],
])('the name of %s', (executable, name) => {
  expect(nameOf({ executable, python: '3.12.0', lift: null })).toBe(name);
});

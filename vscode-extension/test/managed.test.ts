import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManagedEnvironment, problemOf } from '../src/managed';
import { probe, type Interpreter } from '../src/probe';

// A wheel called lift-sys that needs nothing, so that pip installs it without a network.
const WHEEL = `
import sys, zipfile
info = "lift_sys-9.9.9.dist-info"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("lift/__init__.py", "")
    wheel.writestr("lift/lsp/__init__.py", "")
    wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: lift-sys\\nVersion: 9.9.9\\n" + sys.argv[2])
    wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "/RECORD", "")
`;
const inRepository = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const PYTHON = existsSync(inRepository) ? inRepository : 'python3';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lift-managed-'));
  mkdirSync(path.join(folder, 'bundled'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function environment(metadata = ''): ManagedEnvironment {
  const wheel = path.join(folder, 'bundled', 'lift_sys-9.9.9-py3-none-any.whl');
  execFileSync(PYTHON, ['-c', WHEEL, wheel, metadata]);
  return new ManagedEnvironment(path.join(folder, 'environments'), path.join(folder, 'bundled'));
}

async function base(): Promise<Interpreter> {
  const probed = await probe(PYTHON, folder);
  if (probed.kind !== 'interpreter') {
    throw new Error(`the tests need a Python that lift runs on, in .venv or on the PATH (${JSON.stringify(probed)})`);
  }
  return probed.interpreter;
}

const options = { signal: new AbortController().signal, onOutput: () => undefined };

describe('the managed environment', () => {
  it('is made once, found again, and has lift in it', { timeout: 120_000 }, async () => {
    const managed = environment();
    expect(await managed.find()).toBeUndefined();
    // Two windows at once: the second waits for the first and takes what it made.
    const both = await Promise.all([managed.create(await base(), options), managed.create(await base(), options)]);
    expect(both[0]).toEqual(both[1]);
    const executable = await managed.find();
    expect(both[0]).toEqual({ kind: 'installed', executable });
    expect(await probe(executable ?? '', folder)).toMatchObject({ interpreter: { lift: '9.9.9' } });
  });

  it('is not left half-made when it needs a network that is not there', { timeout: 120_000 }, async () => {
    const managed = environment('Requires-Dist: lift-needs-this-and-nobody-has-it\n');
    process.env.PIP_NO_INDEX = '1';
    const made = await managed.create(await base(), options).finally(() => delete process.env.PIP_NO_INDEX);
    expect(made).toMatchObject({ kind: 'failed', problem: 'offline' });
    expect(readdirSync(path.join(folder, 'environments'))).toEqual([]);
  });

  it('is not left half-made when the user cancels', async () => {
    const managed = environment();
    const user = new AbortController();
    const made = await managed.create(await base(), { signal: user.signal, onOutput: () => user.abort() });
    expect(made).toMatchObject({ kind: 'failed', problem: 'cancelled' });
    expect(await managed.find()).toBeUndefined();
  });

  it('takes over the lock of a window that has died', async () => {
    const managed = environment();
    const python = await base();
    // What an installation begins to do is told with the environment's folder as the last word.
    const attempt = async (): Promise<string> => {
      const user = new AbortController();
      let said = '';
      const onOutput = (text: string): void => {
        said = text.trim();
        user.abort();
      };
      await managed.create(python, { signal: user.signal, onOutput });
      return said;
    };
    const first = await attempt();
    const target = first.split(' ').at(-1) ?? '';
    const dead = execFileSync(PYTHON, ['-c', 'import os; print(os.getpid())'], { encoding: 'utf8' }).trim();
    writeFileSync(`${target}.lock`, dead);
    expect(await attempt()).toBe(first);
  });

  it('cannot be made without a wheel', async () => {
    const managed = new ManagedEnvironment(path.join(folder, 'environments'), path.join(folder, 'none'));
    expect(await managed.wheel()).toBeUndefined();
    expect(await managed.create(await base(), options)).toMatchObject({ problem: 'no-wheel' });
  });
});

it.each([
  ['Error: Command failed. The virtual environment was not created because ensurepip is not available', 'no-venv'],
  ["/usr/bin/python3: No module named venv", 'no-venv'],
  ['ERROR: No matching distribution found for z3-solver<6,>=4.15', 'offline'],
  ["NewConnectionError('<...>: Failed to establish a new connection')", 'offline'],
  ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device', 'no-space'],
  ["Error: EACCES: permission denied, mkdir '/x'", 'not-writable'],
  ['Segmentation fault', 'other'],
])('%s is the problem %s', (output, problem) => {
  expect(problemOf(output)).toBe(problem);
});

import * as os from 'node:os';
import { expect, it } from 'vitest';
import { answerOf, probe } from '../src/probe';

const answer = (python: string, lift: string | null) => JSON.stringify({ executable: '/p', python, lift });

it.each([
  [answer('3.11.7', '0.1.0'), 'interpreter'],
  [`a sitecustomize that prints\n${answer('4.0.0', null)}\n`, 'interpreter'],
  [answer('3.10.13', '0.1.0'), 'too-old'],
  [answer('2.7.18', null), 'too-old'],
  ['{"executable": "/p"}', 'broken'],
  ['null', 'broken'],
  ['', 'broken'],
  ['Python was not found; run without arguments to install', 'broken'],
])('%s', (stdout, kind) => {
  expect(answerOf(stdout).kind).toBe(kind);
});

it('asks a real interpreter', async () => {
  const probed = await probe('python3', os.tmpdir());
  expect(['interpreter', 'too-old']).toContain(probed.kind);
});

it('says why a program could not be asked', async () => {
  expect(await probe('/no/such/python', os.tmpdir())).toEqual({
    kind: 'broken',
    reason: expect.stringContaining('ENOENT') as string,
  });
  expect(await probe('false', os.tmpdir())).toEqual({ kind: 'broken', reason: 'ended with code 1' });
});

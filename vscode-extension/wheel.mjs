// Builds lift's own wheel from the repository into bundled/, for the managed environment.
//
// Needs a Python with hatchling, or with pip and a network: $LIFT_PYTHON, the repository's .venv, or
// python3. Where none can build it, the extension is packed without a wheel, and says so when it would
// need it; under CI that is an error.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.dirname(here);
const bundled = path.join(here, 'bundled');
const inVenv = path.join(repository, '.venv', ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
const pythons = [process.env.LIFT_PYTHON, existsSync(inVenv) ? inVenv : undefined, 'python3', 'python'];
const ways = (target) => [
  ['-m', 'hatchling', 'build', '-t', 'wheel', '-d', target],
  ['-m', 'pip', 'wheel', '--quiet', '--disable-pip-version-check', '--no-deps', '-w', target, repository],
];

const failures = [];
async function build() {
  const target = await mkdtemp(path.join(bundled, 'building-'));
  try {
    // All of the first way before any of the second, which may have to wait for a network.
    for (const way of ways(target)) {
      for (const python of new Set(pythons.filter(Boolean))) {
        const ended = spawnSync(python, way, { cwd: repository, encoding: 'utf8' });
        const wheel = ended.status === 0 ? (await readdir(target)).find((name) => name.endsWith('.whl')) : undefined;
        if (wheel !== undefined) {
          await Promise.all((await wheels()).map((old) => rm(path.join(bundled, old))));
          await rename(path.join(target, wheel), path.join(bundled, wheel));
          return wheel;
        }
        const said = (ended.error?.message ?? ended.stderr ?? '').trim().split('\n').at(-1);
        failures.push(`  ${python} ${way.slice(0, 2).join(' ')}: ${said}`);
      }
    }
    return undefined;
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}

async function wheels() {
  return (await readdir(bundled)).filter((name) => name.endsWith('.whl'));
}

await mkdir(bundled, { recursive: true });
const wheel = await build();
if (wheel !== undefined) {
  console.log(`bundled/${wheel}`);
} else {
  // A wheel of an earlier state of the repository would be worse than none.
  await Promise.all((await wheels()).map((old) => rm(path.join(bundled, old))));
  console.error(['', 'WARNING: lift\'s wheel could not be built, so the VSIX carries none:', ...failures, ''].join('\n'));
  process.exitCode = process.env.CI === 'true' ? 1 : 0;
}

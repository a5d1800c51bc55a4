// Drives a real VS Code in a headless browser, one step after the other, and prints what it saw.
//
// Reads one JSON object from standard input: `chromium`, `playwright` (paths), `url`, `viewport`,
// `failure` (where a picture of a failed run goes) and `steps`, each `[name, argument]`. Prints one JSON
// object: `{"seen": [...]}`, one entry a step, or `{"error": "...", "step": n}`.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const job = JSON.parse(await text(process.stdin));
const { chromium } = createRequire(import.meta.url)(job.playwright);
const LIMIT = 45_000;

const escaped = (words) => new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+'));
const tidy = (words) => words.replace(/\u00a0/g, ' ').replace(/[ \t]+/g, ' ').trim();
const line = (page, words) => page.locator('.editor-instance .view-line').filter({ hasText: escaped(words) }).first();

/** Opens the palette and runs the command called `title`. */
async function command(page, title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: escaped(title) }).first().click();
}

const steps = {
  /** Waits until the editor shows a line that contains the text. */
  line: async (page, words) => tidy(await line(page, words).innerText()),

  /** Waits for a squiggle of the severity: error, warning, info or hint. */
  squiggle: async (page, severity) => {
    await page.locator(`.editor-instance .squiggly-${severity}`).first().waitFor();
    return severity;
  },

  /** Waits until no squiggle of the severity is left. */
  noSquiggle: async (page, severity) => {
    await page.locator(`.editor-instance .squiggly-${severity}`).first().waitFor({ state: 'detached' });
    return severity;
  },

  press: async (page, keys) => {
    await page.keyboard.press(keys);
    return keys;
  },

  type: async (page, words) => {
    await page.keyboard.type(words);
    return words;
  },

  command: async (page, title) => {
    await command(page, title);
    return title;
  },

  /** Puts the cursor at the end of the line that contains the text. */
  endOf: async (page, words) => {
    await line(page, words).click();
    await page.keyboard.press('End');
    return words;
  },

  /** Waits for a problem that contains the text, and hands back all rows of the Problems panel. */
  problems: async (page, words) => {
    await command(page, 'Problems: Focus on Problems View');
    const rows = page.locator('.markers-panel .monaco-list-row');
    await rows.filter({ hasText: escaped(words) }).first().waitFor();
    return (await rows.allInnerTexts()).map(tidy);
  },

  /** Rests the mouse on the text until the hover comes, and hands back what it says. */
  hover: async (page, words) => {
    const [row, word] = words;
    await line(page, row).locator('span span', { hasText: word }).first().hover();
    const shown = page.locator('.monaco-hover.workbench-hover-container, .monaco-resizable-hover').locator('visible=true');
    await shown.first().waitFor();
    return tidy(await shown.first().innerText());
  },

  /** Opens the language status menu and waits for the text in it. */
  status: async (page, words) => {
    await page.locator('#status\\.languageStatus').hover();
    const entry = page.locator('.hover-language-status').filter({ hasText: escaped(words) }).first();
    await entry.waitFor();
    const shown = tidy(await entry.innerText());
    await page.mouse.move(400, 5);
    return shown;
  },

  /** Waits for an entry of the status bar that contains the text. */
  statusBar: async (page, words) => {
    const entry = page.locator('.statusbar-item').filter({ hasText: escaped(words) }).first();
    await entry.waitFor();
    return tidy(await entry.innerText());
  },

  /** Waits for a notification that contains the text. */
  notification: async (page, words) => {
    const shown = page.locator('.notification-toast').filter({ hasText: escaped(words) }).first();
    await shown.waitFor();
    return tidy(await shown.innerText());
  },

  /** Waits for a notification with a button that contains the text, and presses it. */
  answer: async (page, words) => {
    const button = page.locator('.notification-toast .monaco-button').filter({ hasText: escaped(words) }).first();
    await button.waitFor();
    const said = tidy(await button.innerText());
    await button.click();
    return said;
  },

  /** Waits for a quick fix with the text, takes it, and hands back all that were offered. */
  fix: async (page, words) => {
    await page.keyboard.press('Control+.');
    const rows = page.locator('.action-widget .monaco-list-row');
    await rows.filter({ hasText: escaped(words) }).first().waitFor();
    const offered = (await rows.allInnerTexts()).map(tidy);
    await rows.filter({ hasText: escaped(words) }).first().click();
    return offered;
  },

  /** Runs a program beside the editor, and hands back what it printed. */
  program: async (_page, [executable, ...args]) => {
    const ended = spawnSync(executable, args, { encoding: 'utf8' });
    if (ended.status !== 0) {
      throw new Error(`${executable} ended with ${ended.status}: ${ended.stderr}`);
    }
    return ended.stdout.trim();
  },

  /** Takes a picture, with the mouse out of the way and nothing moving. */
  picture: async (page, file) => {
    await page.mouse.move(720, 5);
    await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
    return file;
  },
};

const browser = await chromium.launch({
  executablePath: job.chromium,
  args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
});
const seen = [];
let page;
try {
  const context = await browser.newContext({ viewport: job.viewport, deviceScaleFactor: job.scale ?? 1 });
  page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  await page.goto(job.url);
  for (const [name, argument] of job.steps) {
    seen.push(await steps[name](page, argument));
  }
  console.log(JSON.stringify({ seen }));
} catch (error) {
  await page?.screenshot({ path: job.failure }).catch(() => undefined);
  console.log(JSON.stringify({ seen, step: job.steps[seen.length], error: String(error) }));
} finally {
  await browser.close();
}

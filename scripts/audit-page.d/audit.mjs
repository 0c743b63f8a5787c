// Audits a page: one line for each check, `ok` or `FAILED` with what is wrong; exit 1 if one failed.
//
//   AUDIT_MODULES=DIR node audit.mjs FILE.html [OUT_DIR]

import { mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { accessible } from "./axe.mjs";
import { start } from "./browser.mjs";
import { keyboard } from "./keyboard.mjs";
import { layout } from "./layout.mjs";
import { pictures } from "./pictures.mjs";
import { print } from "./print.mjs";
import { quiet } from "./quiet.mjs";
import { tables } from "./tables.mjs";

/** How many findings of a check are shown. */
const SHOWN = 12;

let failed = 0;

/**
 * Runs a check and says what came of it. `look` gives what is wrong, and may leave with `note` what
 * else is to be known.
 */
async function check(name, look) {
  const notes = [];
  let wrong;
  try {
    wrong = await look((note) => notes.push(note));
  } catch (error) {
    wrong = [`the check itself failed: ${error.stack}`];
  }
  const about = notes.length ? ` (${notes.join("; ")})` : "";
  console.log(`${wrong.length ? "FAILED" : "ok    "} ${name}${about}`);
  for (const finding of wrong.slice(0, SHOWN)) console.log(`         ${finding}`);
  if (wrong.length > SHOWN) console.log(`         and ${wrong.length - SHOWN} more`);
  failed += wrong.length > 0;
}

const [file, out] = process.argv.slice(2);
statSync(file);
if (out) mkdirSync(out, { recursive: true });
const browser = await start(pathToFileURL(resolve(file)).href);
try {
  for (const checks of [quiet, layout, accessible, keyboard, tables, print, pictures]) {
    await checks(browser, check, out);
  }
} finally {
  await browser.close();
}
console.log(failed ? `${failed} checks FAILED` : "every check is ok");
process.exitCode = failed ? 1 : 0;

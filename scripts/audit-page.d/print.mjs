// On paper there is all of it, nothing to press, and black on white.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { squeezed } from "./layout.mjs";

/** A4 less margins of 1 cm, in CSS pixels. */
export const PAPER = { width: 718, height: 1047 };

/** The page printed by a browser that prefers dark, for who prints at night wants no black paper. */
export async function printed(browser, path) {
  const page = await browser.open({ viewport: PAPER, colorScheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.pdf({ path, format: "A4", preferCSSPageSize: true, printBackground: true });
  return page;
}

/** What is wrong with how it looks on paper; and what has to be there. */
function onPaper() {
  const wrong = [];
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const controls = [...document.querySelectorAll("input, select, textarea, button")];
  for (const control of controls.filter(seen)) {
    const style = getComputedStyle(control);
    const plain = style.borderTopWidth === "0px" && /^rgba\(.*, 0\)$/.test(style.backgroundColor);
    if (!control.closest("th") || !plain) wrong.push(`a control is printed: ${control.outerHTML.slice(0, 80)}`);
  }
  const light = (color) => {
    const parts = color.match(/[\d.]+/g)?.map(Number) ?? [];
    return parts.length < 3 || parts[3] === 0 || parts.slice(0, 3).every((one) => one > 230);
  };
  for (const element of [document.documentElement, document.body]) {
    const { backgroundColor } = getComputedStyle(element);
    if (!light(backgroundColor)) wrong.push(`the paper is ${backgroundColor}`);
  }
  if (light(getComputedStyle(document.body).color)) wrong.push("the letters are light");
  for (const element of document.body.querySelectorAll("*")) {
    const cuts = getComputedStyle(element).overflowX !== "visible";
    if (cuts && seen(element) && element.clientWidth > 2 && element.scrollWidth > element.clientWidth + 1) {
      wrong.push(`cut off at the edge: <${element.localName}> "${element.innerText?.trim().slice(0, 50)}"`);
    }
  }
  const names = [...document.querySelectorAll("thead th, tbody tr > :first-child, h1, h2, dt")];
  return { wrong, words: names.filter(seen).map((one) => one.innerText) };
}

/** Text without what line breaks, hyphens and ligatures do to it. */
const bare = (text) => text.normalize("NFKD").replace(/[^\p{L}\d]/gu, "");

/** The check of this file. */
export async function print(browser, check) {
  await check("printed whole, without controls, black on white", async (note) => {
    const dir = mkdtempSync(join(tmpdir(), "audit-page-"));
    const path = join(dir, "page.pdf");
    const page = await printed(browser, path);
    const { wrong, words } = await page.evaluate(onPaper);
    wrong.push(...(await page.evaluate(squeezed)));
    await page.context().close();
    const text = execFileSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" });
    const raw = execFileSync("pdftotext", ["-raw", path, "-"], { encoding: "utf8" });
    rmSync(dir, { recursive: true });
    const there = bare(text) + bare(raw);
    const lost = words.filter((word) => !there.includes(bare(word)));
    note(`${text.split("\f").length - 1} pages, ${text.trim().split(/\s+/).length} words`);
    return [
      ...(text.trim() ? [] : ["the paper is empty"]),
      ...wrong,
      ...lost.map((word) => `not on paper: "${word.trim().slice(0, 60)}"`),
    ];
  });
}

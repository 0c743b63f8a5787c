// The page fits the screen, and says all it has to say without scripts.

import { DESKTOP, PHONE, SMALLEST } from "./browser.mjs";

/** What sticks out of the screen sideways. */
function sticksOut() {
  const width = document.documentElement.clientWidth;
  const excess = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - width;
  if (excess <= 0) return [];
  const held = (element) => {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
      if (getComputedStyle(one).overflowX !== "visible") return true;
    }
    return false;
  };
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getBoundingClientRect().right > width + 1 && !held(element),
  );
  const names = wide.slice(0, 3).map((one) => `<${one.localName} class="${one.getAttribute("class") ?? ""}">`);
  return [`the document is ${excess} px wider than ${width} px: ${names.join(", ")}`];
}

/** Text that is cut off: in a box that hides what does not fit. */
function cutOff() {
  const cut = (element) => {
    const style = getComputedStyle(element);
    const hides = style.overflowX === "hidden" || style.overflowX === "clip";
    const tiny = element.clientWidth <= 2; // for screen readers only
    return hides && !tiny && element.innerText?.trim() && element.scrollWidth > element.clientWidth + 1;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.checkVisibility() && cut(element))
    .map((element) => `cut off: "${element.innerText.trim().slice(0, 60)}"`);
}

/** Labels of drawings that leave the drawing or lie on another label. */
function drawings() {
  const wrong = [];
  for (const svg of document.querySelectorAll("svg")) {
    if (!svg.checkVisibility()) continue;
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].filter((one) => one.checkVisibility());
    const boxes = texts.map((one) => [one.textContent.trim(), one.getBoundingClientRect()]);
    boxes.forEach(([text, box], index) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1) wrong.push(`leaves its drawing: "${text}"`);
      for (const [other, there] of boxes.slice(index + 1)) {
        const x = Math.min(box.right, there.right) - Math.max(box.left, there.left);
        const y = Math.min(box.bottom, there.bottom) - Math.max(box.top, there.top);
        if (x > 1 && y > 3) wrong.push(`"${text}" lies on "${other}"`);
      }
    });
  }
  return wrong;
}

/** Bars whose parts lie on each other, or leave some of the bar empty. */
function bars() {
  const wrong = [];
  for (const svg of document.querySelectorAll("svg")) {
    const parts = [...svg.querySelectorAll(":scope > rect, :scope > g > rect")].map((one) => one.getBoundingClientRect());
    const one = (key) => new Set(parts.map((part) => Math.round(part[key]))).size === 1;
    if (!svg.checkVisibility() || parts.length < 2 || !one("top") || !one("height")) continue;
    const frame = svg.getBoundingClientRect();
    const sum = parts.reduce((all, part) => all + part.width, 0);
    const [left, right] = [Math.min(...parts.map((part) => part.left)), Math.max(...parts.map((part) => part.right))];
    const name = svg.querySelector("title")?.textContent ?? svg.getAttribute("aria-label");
    const off = (a, b) => Math.abs(a - b) > 1.5;
    if (off(left, frame.left) || off(right, frame.right) || off(sum, frame.width)) {
      wrong.push(`a bar does not add up, ${sum.toFixed(1)} of ${frame.width.toFixed(1)} px: ${name}`);
    }
  }
  return wrong;
}

/** Texts of tables in so little room that words break into letters. What is longer than words are, a name
    of a host or what a stranger wrote, may break. */
export function squeezed() {
  const longest = 12;
  const wrong = [];
  const range = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const pieces = text.data.split(/[\s_/]+/).map((word) => Math.ceil(word.length / longest));
    const words = pieces.reduce((all, some) => all + some, 0);
    if (!words || !text.parentElement.closest("th, td")) continue;
    range.selectNodeContents(text);
    const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
    if (lines > 2 * words) wrong.push(`broken into ${lines} lines: "${text.data.slice(0, 40)}"`);
  }
  return wrong;
}

/** All words of the page that can be read, with everything unfolded. */
function words() {
  for (const details of document.querySelectorAll("details")) details.open = true;
  // The first cells of rows, so that a table that scripts sorted anew compares.
  const rows = [...document.querySelectorAll("tbody tr")].filter((row) => row.checkVisibility());
  const blocks = [...document.querySelectorAll("h1, h2, h3, p, li, dt, dd, figcaption, caption, svg")];
  const visible = blocks.filter((one) => one.checkVisibility());
  return [...rows, ...visible].map((one) => one.textContent.replace(/\s+/g, " ").trim()).filter(Boolean);
}

/** Controls that can be seen. */
function controls() {
  const all = [...document.querySelectorAll("button, input, select, textarea, [role=button]")];
  return all.filter((one) => one.checkVisibility() && !one.disabled).length;
}

/** The checks of this file. */
export async function layout(browser, check) {
  await check("no scrolling sideways, nothing cut off, whole bars: 320, 360 and 1280 px", async () => {
    const wrong = [];
    for (const viewport of [SMALLEST, PHONE, DESKTOP]) {
      const page = await browser.open({ viewport });
      wrong.push(...(await page.evaluate(sticksOut)));
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
      wrong.push(...(await page.evaluate(sticksOut)));
      for (const look of [cutOff, drawings, bars, squeezed]) {
        const found = await page.evaluate(look);
        wrong.push(...found.map((one) => `at ${viewport.width} px: ${one}`));
      }
      await page.context().close();
    }
    return [...new Set(wrong)];
  });
  await check("the whole page without scripts", async (note) => {
    const scripted = await browser.open();
    const plain = await browser.open({ javaScriptEnabled: false });
    const there = new Set(await plain.evaluate(words));
    const lost = (await scripted.evaluate(words)).filter((text) => !there.has(text));
    const dead = await plain.evaluate(controls);
    note(`${there.size} texts`);
    await Promise.all([scripted, plain].map((page) => page.context().close()));
    return [
      ...(there.size ? [] : ["there is no text"]),
      ...lost.map((text) => `missing: "${text.slice(0, 80)}"`),
      ...(dead ? [`${dead} controls can be seen that do nothing`] : []),
    ];
  });
}

// The page can be used with nothing but a keyboard: Tab reaches everything that does something and
// leaves it again, and one always sees where one is.

import { DESKTOP, PHONE } from "./browser.mjs";

/** Prepares a walk: lists what Tab has to reach. Gives how many that is. */
function prepare() {
  const able = 'a[href], button, input, select, textarea, summary, [tabindex="0"], [contenteditable]';
  const scrolls = (element) => {
    const style = getComputedStyle(element);
    const roll = /auto|scroll/;
    const wide = roll.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
    return wide || (roll.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1);
  };
  const stops = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.disabled) return false;
    if (element.matches('[type="radio"]:not(:checked)')) return false;
    return element.matches(able) ? element.tabIndex >= 0 : scrolls(element);
  };
  const all = [...document.body.querySelectorAll("*")].filter(stops);
  const name = (element) => {
    const text = element.getAttribute("aria-label") ?? element.textContent.trim().replace(/\s+/g, " ");
    return `<${element.localName}> "${text.slice(0, 50)}"`;
  };
  const look = (element) => {
    const style = getComputedStyle(element);
    return { outline: style.outlineStyle === "none" ? "" : style.outline, shadow: style.boxShadow };
  };
  const seen = (element) => {
    const box = element.getClientRects()[0];
    if (!box) return "has no box";
    const [width, height] = [innerWidth, innerHeight];
    const left = Math.max(box.left, 0);
    const right = Math.min(box.right, width);
    const top = Math.max(box.top, 0);
    const bottom = Math.min(box.bottom, height);
    if (right - left < 2 || bottom - top < 2) return "is off the screen";
    const points = [0.1, 0.5, 0.9].flatMap((x) => [0.25, 0.75].map((y) => [x, y]));
    const shown = points.some(([x, y]) => {
      const there = document.elementFromPoint(left + x * (right - left), top + y * (bottom - top));
      return there && (element.contains(there) || there.contains(element));
    });
    return shown ? "" : "is covered";
  };
  window.auditWalk = { all, name, look, seen, last: null };
  return all.length;
}

/** Looks at where the walk is, and at what it has just left. */
function stop() {
  const walk = window.auditWalk;
  const { activeElement: here } = document;
  const wrong = [];
  if (walk.last) {
    const { element, look } = walk.last;
    const after = walk.look(element);
    const outlined = look.outline && look.outline !== after.outline;
    const shaded = look.shadow !== "none" && look.shadow !== after.shadow;
    if (element !== here && !outlined && !shaded) wrong.push(`${walk.name(element)}: one cannot see that it has the focus`);
  }
  if (!here || here === document.body) {
    walk.last = null;
    return { at: -1, wrong };
  }
  if (!walk.all.includes(here)) walk.all.push(here);
  const hidden = walk.seen(here);
  if (hidden) wrong.push(`${walk.name(here)} has the focus and ${hidden}`);
  walk.last = { element: here, look: walk.look(here) };
  return { at: walk.all.indexOf(here), name: walk.name(here), wrong };
}

/** Walks with a key until it is round, or trapped. Gives what was reached, and what is wrong. */
async function walk(page, key, count) {
  const reached = new Set();
  const wrong = [];
  let before = -1;
  for (let step = 0; step <= count + 5; step += 1) {
    await page.keyboard.press(key);
    const here = await page.evaluate(stop);
    wrong.push(...here.wrong);
    if (here.at === before && here.at >= 0 && count > 1) {
      return { reached, wrong: [...wrong, `${key} does not leave ${here.name}`] };
    }
    if (reached.size && (here.at < 0 || reached.has(here.at))) return { reached, wrong };
    if (here.at >= 0) reached.add(here.at);
    before = here.at;
  }
  return { reached, wrong: [...wrong, `${key} never comes round`] };
}

/** Walks from the top to the end, or back. */
async function walks(page, key, note) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  const count = await page.evaluate(prepare);
  const went = await walk(page, key, count);
  const missed = await page.evaluate(
    (reached) => window.auditWalk.all.filter((_, at) => !reached.includes(at)).map(window.auditWalk.name),
    [...went.reached],
  );
  note(`${key}: ${went.reached.size} of ${count} stops`);
  const all = [...went.wrong, ...missed.map((one) => `it does not reach ${one}`)];
  return count ? all.map((one) => `${key}: ${one}`) : ["there is nothing to reach"];
}

/** The first stop leads past what is above the content. */
async function skips(page) {
  await page.keyboard.press("Tab");
  const target = await page.evaluate(() => document.activeElement.getAttribute("href"));
  if (!target?.startsWith("#")) return ["the first stop is no link into the page"];
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  return page.evaluate((id) => {
    const there = document.getElementById(id.slice(1));
    if (!there) return [`nothing has the id ${id}`];
    const here = document.activeElement;
    const past = there.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING;
    return past || there === here ? [] : ["it does not lead there"];
  }, target);
}

/** Enter and Space open and close what is folded. */
async function unfolds(page, note) {
  const wrong = [];
  const all = await page.$$("summary");
  for (const summary of all) {
    if (!(await summary.isVisible())) continue;
    for (const key of ["Enter", "Space"]) {
      const open = () => summary.evaluate((one) => one.parentElement.open);
      const before = await open();
      await summary.focus();
      await page.keyboard.press(key);
      if ((await open()) === before) wrong.push(`${key} does nothing on "${await summary.innerText()}"`);
    }
  }
  note(`${all.length} there`);
  return wrong;
}

/** The checks of this file. */
export async function keyboard(browser, check) {
  const on = async (viewport, look) => {
    const page = await browser.open({ viewport });
    const wrong = await look(page);
    await page.context().close();
    return [...new Set(wrong)];
  };
  await check("a link past the head comes first", () => on(DESKTOP, skips));
  for (const [screen, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
    await check(`the keyboard reaches everything and shows where it is: ${screen}`, async (note) => [
      ...(await on(viewport, (page) => walks(page, "Tab", note))),
      ...(await on(viewport, (page) => walks(page, "Shift+Tab", note))),
    ]);
  }
  await check("Enter and Space unfold", (note) => on(DESKTOP, (page) => unfolds(page, note)));
}

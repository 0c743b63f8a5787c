// Tables are sorted and filtered by keyboard, rightly: numbers as numbers, words as in a dictionary,
// what has no number last and not as if it were the lowest; and who cannot see it is told.

/** Reads the column of a sort button: the state of its header, and the texts of its cells. */
function column(button) {
  const th = button.closest("th");
  const table = th.closest("table");
  const before = [...th.parentElement.cells].slice(0, th.cellIndex);
  const at = before.reduce((sum, cell) => sum + cell.colSpan, 0);
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => row.checkVisibility());
  const sorted = [...table.querySelectorAll("thead th[aria-sort]")].filter((one) => one.ariaSort !== "none");
  return {
    state: th.getAttribute("aria-sort"),
    sorted: sorted.length,
    right: rows.every((row) => ["right", "end"].includes(getComputedStyle(row.cells[at] ?? row).textAlign)),
    lang: document.documentElement.lang,
    texts: rows.map((row) => (row.cells[at]?.innerText ?? "").trim()),
    days: rows.map((row) => row.cells[at]?.querySelector("time")?.dateTime ?? null),
  };
}

/** The number that a cell begins with, or null. */
export function number(text, lang) {
  const bare = text.replace(/\s/g, "").replace(lang.startsWith("cs") ? /\./g : /,(?=\d{3})/g, "");
  const found = /^[<>≤≥~±≈]?([+\-−–]?\d+(?:[.,]\d+)?)/.exec(bare);
  return found && Number(found[1].replace(",", ".").replace(/[−–]/, "-"));
}

/** Whether a list rises (or falls), equal ones allowed. */
const rises = (list, compare) => list.every((one, at) => at === 0 || compare(list[at - 1], one) <= 0);

/** What is wrong with the order of numbers. */
function wrongNumbers({ texts, lang, state }, turn) {
  const numbers = texts.map((text) => number(text, lang));
  const there = numbers.filter((one) => one !== null);
  if (!rises(there, (a, b) => turn * (a - b))) return `${state}, but ${there.slice(0, 8).join(", ")}`;
  const apart = numbers.slice(0, there.length).includes(null);
  return apart ? `${state}, but cells without a number come before some that have one` : "";
}

/** What is wrong with the order of a column. What stands at the right is a number. */
function disorder(column) {
  const { texts, lang, state, right } = column;
  const turn = state === "descending" ? -1 : 1;
  if (right) return wrongNumbers(column, turn);
  if (column.days.every((day) => day !== null)) {
    return rises(column.days, (a, b) => turn * (a < b ? -1 : a > b)) ? "" : `${state}, but ${column.days.join(", ")}`;
  }
  const good = [true, false].some((numeric) => {
    const collator = new Intl.Collator(lang, { numeric });
    return rises(texts, (a, b) => turn * collator.compare(a, b));
  });
  return good ? "" : `${state}, but ${texts.slice(0, 5).join(" | ")}`;
}

/** Presses Enter and Space on every sort button. */
async function sorts(page, note) {
  const wrong = [];
  const buttons = await page.$$("thead th button");
  for (const button of buttons) {
    if (!(await button.isVisible())) continue;
    const name = (await button.innerText()).trim().replace(/\s+/g, " ");
    const states = [];
    const rows = (await button.evaluate(column)).texts.length;
    for (const key of ["Enter", "Space"]) {
      await button.focus();
      await page.keyboard.press(key);
      const now = await button.evaluate(column);
      states.push(now.state);
      const bad = disorder(now);
      if (bad) wrong.push(`"${name}" after ${key}: ${bad}`);
      if (now.sorted !== 1) wrong.push(`"${name}" after ${key}: ${now.sorted} columns say that they are sorted`);
      if (now.texts.length !== rows) wrong.push(`"${name}" after ${key}: ${rows} rows became ${now.texts.length}`);
    }
    if ([...states].sort().join() !== "ascending,descending") {
      wrong.push(`"${name}": aria-sort became ${states.join(", then ")}`);
    }
  }
  note(`${buttons.length} columns`);
  return buttons.length ? wrong : ["there is nothing to sort by"];
}

/** The rows of the table below a filter, and what is said aloud of them. */
function filtered(box) {
  const follows = (table) => box.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING;
  const table = [...document.querySelectorAll("table")].find(follows);
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const live = [...document.querySelectorAll("[role=status], [aria-live=polite], output")];
  return {
    all: rows.length,
    shown: rows.filter((row) => row.checkVisibility()).map((row) => row.innerText.toLowerCase()),
    said: live.map((one) => one.textContent.trim()).filter(Boolean).join(" | "),
  };
}

const heard = (said, count) => said.replace(/(?<=\d)[\s,.](?=\d{3})/g, "").match(/\d+/g)?.includes(`${count}`);

/** Types into a filter and looks at the rows. */
async function filters(page, note) {
  const wrong = [];
  const boxes = [];
  for (const box of await page.$$("input")) {
    const kind = await box.getAttribute("type");
    if ([null, "text", "search"].includes(kind) && (await box.isVisible())) boxes.push(box);
  }
  for (const [at, box] of boxes.entries()) {
    const say = (text) => wrong.push(`filter ${at + 1}: ${text}`);
    const type = async (text) => {
      await box.focus();
      await page.keyboard.press("Control+A");
      await page.keyboard.press("Delete");
      await page.keyboard.type(text);
      await page.waitForTimeout(400); // what is said aloud may wait for the last key
      return box.evaluate(filtered);
    };
    const before = await box.evaluate(filtered);
    const words = (before.shown.at(-1) ?? "").match(/[\p{L}\d.]{3,}/gu) ?? [];
    const rare = (word) => before.shown.filter((row) => row.includes(word)).length;
    const word = words.sort((a, b) => rare(a) - rare(b))[0];
    if (!word) {
      say("there is no row to look for");
      continue;
    }
    const some = await type(word);
    if (!some.shown.length || some.shown.length > rare(word)) say(`"${word}" leaves ${some.shown.length} of ${before.all} rows`);
    if (some.shown.some((row) => !row.includes(word))) say(`rows without "${word}" stay`);
    if (rare(word) < before.all && some.shown.length === before.all) say("no row goes");
    if (!heard(some.said, some.shown.length)) say(`${some.shown.length} rows are left, but what is said is "${some.said}"`);
    const none = await type("zqxzqx");
    if (none.shown.length) say(`"zqxzqx" leaves ${none.shown.length} rows`);
    if (none.said === some.said) say("what is said stays the same when nothing is left");
    const again = await type("");
    if (again.shown.length !== before.shown.length) say(`${again.shown.length} of ${before.shown.length} rows come back`);
  }
  note(`${boxes.length} filters`);
  return boxes.length ? wrong : ["there is no filter"];
}

/** The checks of this file. */
export async function tables(browser, check) {
  for (const [name, look] of [["tables are sorted by keyboard", sorts], ["tables are filtered, and it is said", filters]]) {
    await check(name, async (note) => {
      const page = await browser.open();
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
      const wrong = await look(page, note);
      await page.context().close();
      return wrong;
    });
  }
}

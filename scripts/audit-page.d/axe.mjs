// Everybody can read the page, as far as axe can tell: WCAG 2.2 A and AA, and best practices.

import { AXE, DESKTOP, PHONE } from "./browser.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

/** Where and why. */
const told = (violation) =>
  violation.nodes.map((node) => {
    const why = [...node.any, ...node.all, ...node.none].map((one) => one.message).join("; ");
    return `${violation.impact} ${violation.id}: ${node.target.join(" ")}: ${why}`;
  });

/** Runs axe on the page as it is. */
async function axe(page) {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(
    (tags) =>
      window.axe.run(document, {
        runOnly: tags,
        rules: { "target-size": { enabled: true } },
        resultTypes: ["violations", "incomplete"],
      }),
    TAGS,
  );
}

/** The checks of this file. The policy of the page would keep axe out, hence the bypass. */
export async function accessible(browser, check) {
  for (const [screen, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
    for (const colorScheme of ["light", "dark"]) {
      await check(`accessible: ${screen}, ${colorScheme}`, async (note) => {
        const page = await browser.open({ viewport, colorScheme, bypassCSP: true });
        await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
        const found = await axe(page);
        await page.context().close();
        note(`axe ${found.testEngine.version}, ${found.passes.length} rules hold`);
        for (const one of found.incomplete) note(`axe cannot tell ${one.id} of ${one.nodes.length}`);
        const harmful = ({ impact }) => ["serious", "critical"].includes(impact);
        const lesser = found.violations.filter((one) => !harmful(one)).flatMap(told);
        for (const one of lesser) note(one);
        return found.violations.filter(harmful).flatMap(told);
      });
    }
  }
}

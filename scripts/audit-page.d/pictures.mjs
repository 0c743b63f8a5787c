// Pictures of the page, to be looked at: screens light and dark, a phone, and paper.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { DESKTOP, PHONE } from "./browser.mjs";
import { printed } from "./print.mjs";

/** Tall enough for all that stands in short. */
const TALL = { ...DESKTOP, height: 1330 };
const SCREENS = [
  ["desktop", { viewport: TALL }],
  ["desktop-dark", { viewport: TALL, colorScheme: "dark" }],
  ["phone", { viewport: PHONE, deviceScaleFactor: 2 }],
];

/** The pictures, where a directory is named. */
export async function pictures(browser, check, out) {
  if (!out) return;
  await check(`pictures in ${out}`, async () => {
    for (const [name, options] of SCREENS) {
      const page = await browser.open(options);
      await page.screenshot({ path: join(out, `${name}.png`) });
      await page.screenshot({ path: join(out, `${name}-whole.png`), fullPage: true });
      await page.context().close();
    }
    const pdf = join(out, "print.pdf");
    const page = await printed(browser, pdf);
    await page.context().close();
    execFileSync("pdftoppm", ["-png", "-r", "80", "-l", "4", pdf, join(out, "print")]);
    return [];
  });
}

// The page asks nobody for anything and has nothing to complain about, whatever is done with it.

/** What would be fetched if the page let it: addresses in it that are no data and no fragment. */
function outside() {
  const found = [];
  const fetched = "link[href], [src], [srcset], [poster], [data], [background], [action], [formaction], [ping]";
  const attributes = ["href", "src", "srcset", "poster", "data", "background", "action", "formaction", "ping"];
  const svg = "image, use, feImage";
  for (const element of document.querySelectorAll(`${fetched}, ${svg}`)) {
    for (const name of [...attributes, "xlink:href"]) {
      const value = element.getAttribute(name);
      const link = element.tagName === "A" && name === "href";
      if (value !== null && !link && !/^(data:|#|$)/.test(value.trim())) {
        found.push(`<${element.localName} ${name}="${value}">`);
      }
    }
  }
  const source = document.documentElement.outerHTML;
  const styles = source.match(/url\(\s*['"]?(?!data:|#)[^)]*\)|@import[^;]*;/gi) ?? [];
  const refresh = document.querySelector('meta[http-equiv="refresh" i]');
  return [...found, ...styles, ...(refresh ? ["<meta http-equiv=refresh>"] : [])];
}

/** What is wrong with the Content-Security-Policy. */
function policy() {
  const meta = document.querySelector('meta[http-equiv="Content-Security-Policy" i]');
  if (!meta) return ["there is no Content-Security-Policy"];
  const text = meta.content;
  const directives = new Map(
    text.split(";").map((part) => {
      const [name, ...values] = part.trim().split(/\s+/);
      return [name.toLowerCase(), values];
    }),
  );
  const wrong = [];
  if (directives.get("default-src")?.join() !== "'none'") wrong.push("default-src is not 'none'");
  for (const [name, values] of directives) {
    for (const value of values) {
      const good = /^('none'|'sha(256|384|512)-[^']+'|data:|'unsafe-inline')$/.test(value);
      const loose = value === "'unsafe-inline'" && !name.startsWith("style-src");
      if (!good || loose) wrong.push(`${name} has ${value}`);
    }
  }
  for (const name of ["base-uri", "form-action"]) {
    if (directives.get(name)?.join() !== "'none'") wrong.push(`${name} is not 'none'`);
  }
  const before = document.querySelector("script, style, link, img");
  const late = before && meta.compareDocumentPosition(before) & Node.DOCUMENT_POSITION_PRECEDING;
  return late ? [...wrong, "it comes after what it is to hold back"] : wrong;
}

/** Does with the page what a reader may do. */
async function use(page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    for (const button of document.querySelectorAll("button")) button.click();
    for (const box of document.querySelectorAll("input, select")) {
      box.value = box.tagName === "SELECT" ? box.options[box.options.length - 1].value : "a";
      for (const type of ["input", "change"]) box.dispatchEvent(new Event(type, { bubbles: true }));
    }
  });
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.emulateMedia({ media: "print" });
  await page.pdf();
  await page.waitForTimeout(200);
}

/** The checks of this file. */
export async function quiet(browser, check) {
  const requests = [];
  const complaints = [];
  for (const [mode, options] of [
    ["scripts on", {}],
    ["scripts off", { javaScriptEnabled: false }],
    ["dark", { colorScheme: "dark" }],
  ]) {
    const page = await browser.open(options);
    await use(page);
    const others = page.did.requests.filter((url) => url !== browser.url && !url.startsWith("data:"));
    requests.push(...others.map((url) => `${mode}: asked for ${url}`));
    complaints.push(...page.did.complaints.map((text) => `${mode}: ${text}`));
    await page.context().close();
  }
  const page = await browser.open();
  await check("no request but for the file itself, with scripts on and off, in print", async () => [
    ...requests,
    ...browser.asked.map((line) => `the proxy was asked: ${line}`),
    ...(await page.evaluate(outside)),
  ]);
  await check("a strict Content-Security-Policy", () => page.evaluate(policy));
  await check("nothing on the console", async () => complaints);
  await page.context().close();
}

// Debian's Chromium, with no way out.
//
// Hands out `start`, a browser whose every connection ends at a proxy that only writes down who was
// asked for, and `Browser.open`, the page in a context of its own, with all it did written down.

import { createServer } from "node:net";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.AUDIT_MODULES}/`);
const { chromium } = require("playwright-core");

/** Where axe can be read. */
export const AXE = require.resolve("axe-core/axe.min.js");

/** The screens the page is looked at on: name, width and height in CSS pixels. */
export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };
export const SMALLEST = { width: 320, height: 640 };

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-domain-reliability",
];

/** A proxy that lets nothing out. `asked` gets the first line of every connection. */
async function deadEnd(asked) {
  const server = createServer((socket) => {
    socket.once("data", (data) => {
      asked.push(data.toString("latin1").split("\r\n")[0]);
      socket.destroy();
    });
    socket.on("error", () => {});
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return server;
}

class Browser {
  constructor(url, browser, proxy, asked) {
    Object.assign(this, { url, browser, proxy, asked });
  }

  /**
   * Opens the page in a context of its own. The options are Playwright's, for contexts. Everything
   * it asks for and complains about is in `page.did`.
   */
  async open(options = {}) {
    const context = await this.browser.newContext({
      proxy: { server: `http://127.0.0.1:${this.proxy.address().port}`, bypass: "<-loopback>" },
      viewport: DESKTOP,
      colorScheme: "light",
      reducedMotion: "reduce",
      ...options,
    });
    const page = await context.newPage();
    page.did = { requests: [], complaints: [] };
    page.on("request", (request) => page.did.requests.push(request.url()));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) page.did.complaints.push(message.text());
    });
    page.on("pageerror", (error) => page.did.complaints.push(`${error}`));
    page.setDefaultTimeout(20_000);
    await page.goto(this.url, { waitUntil: "load" });
    return page;
  }

  async close() {
    await this.browser.close();
    this.proxy.close();
  }
}

/** Starts a browser for the page at a URL. */
export async function start(url) {
  const asked = [];
  const proxy = await deadEnd(asked);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: FLAGS,
    // Root has no user namespaces to make a sandbox of.
    chromiumSandbox: process.getuid() !== 0,
    // What Chromium itself looks for goes nowhere, and does not count.
    proxy: { server: "http://127.0.0.1:9", bypass: "<-loopback>" },
  });
  return new Browser(url, browser, proxy, asked);
}

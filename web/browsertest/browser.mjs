// What the browser tests share: Debian's chromium, windows of several sizes, and the checks
// that every page has to pass.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Nothing leaves the machine: what chromium does on its own account is switched off.
const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const sizes = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 900 },
};

// The narrowest window that has to do without sideways scrolling (WCAG 1.4.10).
const narrow = 320;

export const launch = (executablePath) => chromium.launch({ executablePath, headless: true, args: flags });

// scriptless are the windows in which axe cannot run. They show the HTML of the others.
const scriptless = new WeakSet();

// open makes a window; state is that of an earlier one, so that nobody signs in again.
export async function open(browser, { size = "desktop", dark = false, script = true, state, locale = "en-GB" } = {}) {
  const context = await browser.newContext({
    viewport: sizes[size], colorScheme: dark ? "dark" : "light", javaScriptEnabled: script, storageState: state,
    locale, timezoneId: "Europe/Zurich", reducedMotion: "reduce",
  });
  const page = await context.newPage();
  if (!script) scriptless.add(page);
  page.setDefaultTimeout(30_000);
  page.setDefaultNavigationTimeout(30_000);
  page.on("console", (m) => { if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) throw new Error(`${page.url()}: ${m.text()}`); });
  page.on("pageerror", (problem) => { throw problem; });
  return page;
}

// check wants a page to be accessible, and to fit into a narrow window. Of a page that was
// checked, and has other colours now, the contrast alone is looked at.
export async function check(page, name, { contrast = false } = {}) {
  if (scriptless.has(page)) return;
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axeSource);
  // There are no frames, and no media that axe would have to load first.
  const options = { resultTypes: ["violations"], preload: false, iframes: false, ...(contrast ? { runOnly: ["color-contrast"] } : {}) };
  const { violations } = await page.evaluate((o) => globalThis.axe.run(document, o), options);
  const found = violations.map((v) => `${v.id} (${v.help}): ${v.nodes.map((n) => n.html).slice(0, 3).join(" | ")}`);
  if (!contrast) found.push(...await tooWide(page));
  if (found.length > 0) throw new Error(`${name} (${page.url()}):\n  ${found.join("\n  ")}`);
}

// tooWide says what of a page is wider than a narrow window.
async function tooWide(page) {
  const found = [];
  const size = page.viewportSize();
  await page.setViewportSize({ width: narrow, height: size.height });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > narrow) {
    const who = await page.evaluate((most) => [...document.querySelectorAll("main *")]
      .filter((e) => e.getBoundingClientRect().right > most).slice(0, 3).map((e) => e.outerHTML.slice(0, 120)), narrow);
    found.push(`it is ${wide} px wide in a window of ${narrow} px: ${who.join(" | ")}`);
  }
  await page.setViewportSize(size);
  return found;
}

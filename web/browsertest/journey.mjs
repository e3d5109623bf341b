// The journey of somebody who uses a calendar: from the set-up link to a message in the chat,
// with and without JavaScript; and every page, in four windows. The test that starts it gives
// the addresses as JSON in JOURNEY, and waits for the messages that lines "expect: TITLE" name.
import { mkdir } from "node:fs/promises";
import { check, launch, open, sizes } from "./browser.mjs";

const { base, setup, chat, calendar, user, password, chromium, screens } = JSON.parse(process.env.JOURNEY);
const own = { name: "anna", password: "correct horse battery" };

const expect = (ok, what) => { if (!ok) throw new Error(`expected: ${what}`); };
const go = async (page, path, status = 200) => {
  const answer = await page.goto(base + path);
  expect(answer.status() === status, `${path} answers ${status}, not ${answer.status()}`);
};
const text = (page) => page.locator("main").innerText();
const said = async (page, words) => expect((await text(page)).includes(words), `"${words}" on ${page.url()}, which says:\n${await text(page)}`);

// tabTo moves the focus as people do who use no mouse.
async function tabTo(page, selector) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
  }
  throw new Error(`no way to ${selector} by Tab on ${page.url()}`);
}

// put adds an event to the calendar, as another program of the person's would.
async function put(uid, title, start) {
  const utc = (at) => at.toISOString().replace(/[-:]|\.\d+/g, "");
  const lines = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Test//EN", "BEGIN:VEVENT", `UID:${uid}`, "DTSTAMP:20260101T000000Z",
    `DTSTART:${utc(start)}`, "DURATION:PT45M", `SUMMARY:${title}`, "LOCATION:Room 4", "DESCRIPTION:Go through the open list.",
    "END:VEVENT", "END:VCALENDAR", "",
  ];
  const answer = await fetch(`${calendar.collection}${uid}.ics`, {
    method: "PUT", body: lines.join("\r\n"),
    headers: { "Content-Type": "text/calendar", Authorization: `Basic ${btoa(`${user}:${password}`)}` },
  });
  expect(answer.ok, `the calendar server takes ${title}, not ${answer.status}`);
}

async function signIn(page) {
  await go(page, "/sign-in");
  await page.fill("#name", own.name);
  await page.fill("#password", own.password);
  await page.click("button.main");
  await page.waitForURL(base + "/");
}

// setUp makes the first admin by the link.
async function setUp(page) {
  await page.goto(setup);
  await check(page, "set-up");
  await page.fill("#name", own.name);
  await page.fill("#password", own.password);
  await page.click("button.main");
  await page.waitForURL(base + "/");
  await check(page, "the first agenda");
}

// connect takes the three steps; a wrong password first.
async function connect(page) {
  await go(page, "/calendars");
  await check(page, "no calendar");
  await page.click("main .empty a");
  await check(page, "providers");
  await page.click("a[href*='provider=caldav']");
  const fill = async (secret) => {
    await page.fill("#url", calendar.url);
    await page.fill("#username", user);
    await page.fill("#password", secret);
    await page.click("button.main");
  };
  await fill("wrong");
  await said(page, "401");
  await check(page, "a wrong password");
  await fill(password);
  await page.waitForURL(/step=3/);
  await said(page, "in the next 30 days");
  await check(page, "which calendars");
  await page.click("button.main");
  await page.waitForURL(/\/calendars\?done=/);
}

// addWebhook adds one, and posts a test; its name is what is chosen later.
async function addWebhook(page, name, script) {
  await go(page, "/webhooks/_new");
  await page.fill("#name", name);
  await page.fill("#url", `${chat}/hooks/${name}`);
  await page.fill("#template", "**%subjcet%** %when%");
  const live = page.locator("#preview");
  if (!script) await page.click("button[value=preview]");
  await live.getByText("subject", { exact: false }).first().waitFor();
  await check(page, "an unknown variable");
  if (script) {
    await page.fill("#template", "");
    await page.click("[data-insert='%subject%']");
    await page.waitForFunction(() => !document.querySelector("#preview .wrong"));
    expect(await page.inputValue("#template") === "%subject%", "the chip puts in its variable");
  }
  await page.fill("#template", "**%subject%** %when%[[, %location%]]");
  if (!script) {
    await page.click("button[value=preview]");
  }
  await live.locator(".text b, .text strong").first().waitFor();
  await page.click("button[value=test]");
  await said(page, "status 200");
  await check(page, "a test");
}

// first is how many seconds ahead an event is tried first.
const first = 12;

// remind attaches a reminder to an event that starts in a moment. On a machine that is too busy
// for the moment it takes a longer one.
async function remind(page, webhook, keys) {
  for (let wait = first; wait < 300; wait *= 2) {
    const start = new Date(Math.ceil(Date.now() / 1000 + wait) * 1000);
    const title = `Stand-up at the ${webhook}${wait === first ? "" : ` in ${wait} s`}`;
    await put(`${webhook}-${wait}@example.org`, title, start);
    await go(page, "/calendars");
    await page.click("form[action='/calendars/_sync'] button >> nth=0");
    await page.waitForURL(/done=/);
    await go(page, "/?q=" + encodeURIComponent(title));
    const link = page.locator(`main a:has-text("${title}")`).first();
    if (await link.count() === 0) continue; // it began already
    await link.click();
    await page.waitForURL(/\/events\//);
    await (keys ? byKeys : byMouse)(page, webhook);
    await page.waitForLoadState();
    if (Date.now() < start.getTime()) {
      await said(page, webhook);
      console.log(`expect: ${title}`);
      return;
    }
  }
  throw new Error("the machine is too busy for reminders of minutes");
}

async function byMouse(page, webhook) {
  await page.selectOption("#before", { index: 0 });
  await page.selectOption("#webhook", { label: webhook });
  await page.click("button[value=add]");
}

async function byKeys(page, webhook) {
  await tabTo(page, "#before");
  await page.keyboard.press("Home");
  await tabTo(page, "#webhook");
  await page.keyboard.type(webhook);
  await tabTo(page, "button[value=add]");
  await page.keyboard.press("Enter");
}

// newEvent makes an event, by two clicks one, with its reminder.
async function newEvent(page) {
  await go(page, "/events/new");
  await page.fill("#title", "Planning");
  await page.check("[name=all_day]");
  expect(await page.isHidden("#from"), "an all-day event asks for no time");
  await page.uncheck("[name=all_day]");
  await page.fill("#day", new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10));
  await page.selectOption("#webhook", { label: "desk" });
  await page.dblclick("button.main");
  await page.waitForURL(/\/events\/[0-9a-f]+\?.*done=event-made/);
  await said(page, "15 min before");
  await go(page, "/?q=Planning");
  const found = await page.locator("[aria-labelledby=coming] a:has-text('Planning')").count();
  expect(found === 1, `one event, not ${found}`);
}

// fill makes what there is to look at: a rule, and a pause of a webhook that nothing else uses.
async function fill(page) {
  await go(page, "/webhooks/_new");
  await page.fill("#name", "spare");
  await page.fill("#url", `${chat}/hooks/spare`);
  await page.click("button.main");
  await page.waitForURL(/done=webhook-saved/);
  await go(page, "/rules/_new");
  await page.fill("#name", "All reviews");
  await page.fill("#subject", "review");
  await page.selectOption("#remind", "1h");
  await page.selectOption("#remind-2", "own");
  await page.fill("#remind-2-own", "the day before at 18:00");
  await page.check("label:has-text('spare') input");
  await page.click("button.main");
  await page.waitForURL(/done=rule-saved/);
  await page.click("form[action='/rules'] button");
  await said(page, "does not fit");
  await check(page, "what the rules make of an event");
  await go(page, "/pauses");
  await page.selectOption("#what", { label: "Webhook spare" });
  await page.selectOption("#for", "own");
  expect(await page.isVisible("#until"), "another time can be given");
  await page.selectOption("#for", "week");
  await page.click("button.main");
  await page.waitForURL(/done=paused/);
}

// pages are all that somebody who is signed in can look at.
async function pages(page) {
  const first = async (path, selector) => {
    await go(page, path);
    const link = page.locator(selector).first();
    return await link.count() > 0 ? (await link.getAttribute("href")) : null;
  };
  const paths = [
    "/", "/?q=nothing-of-the-kind", "/?view=month", "/reminders", "/deliveries", "/webhooks", "/webhooks/_new", "/calendars", "/calendars/_new", "/calendars/_new?provider=nextcloud",
    "/calendars/_new?provider=ics", "/rules", "/rules/_new", "/pauses", "/settings", "/admin", "/help", "/events/new",
  ];
  for (const [path, selector] of [
    ["/", anEvent], ["/webhooks", ofDesk], ["/webhooks", "table a:has(b:text-is('from the file'))"],
    ["/calendars", "table a"], ["/calendars", "h2 a"], ["/deliveries", "main a[href^='/deliveries/']"], ["/rules", "table a"],
  ]) {
    const found = await first(path, selector);
    expect(found, `${selector} on ${path}`);
    paths.push(found);
  }
  const event = paths.find((path) => /^\/events\/(?!new)/.test(path));
  return [...paths, event.replace("/events/", "/explain/").replace(/\?.*/, ""), nowhere];
}

// nowhere is an address at which there is nothing but words of that.
const nowhere = "/nothing/here";

// anEvent and ofDesk are links: to an event of the agenda, and to the webhook of the desk.
const anEvent = "main a[href^='/events/']:not([href='/events/new'])", ofDesk = "table a:has(b:text-is('desk'))";

// shots are the pages of which pictures are kept: where each is, or where a link leads to it.
const shots = [["agenda", "/"], ["event", "/", anEvent], ["webhook", "/webhooks", ofDesk], ["deliveries", "/deliveries"]];

// pictures keeps them, in two windows.
async function pictures(page) {
  await mkdir(screens, { recursive: true });
  for (const [name, path, link] of shots) {
    await go(page, path);
    if (link) await go(page, await page.locator(link).first().getAttribute("href"));
    for (const [size, theme] of [["desktop", "light"], ["phone", "dark"]]) {
      await page.setViewportSize(sizes[size]);
      await page.emulateMedia({ colorScheme: theme });
      await page.screenshot({ path: `${screens}/${name}-${size}-${theme}.png` });
    }
  }
}

// windows are those in which every page is looked at, each one step from the one before: that
// with another theme alone has other colours and nothing else.
const windows = [["desktop", "light"], ["desktop", "dark"], ["phone", "dark"], ["phone", "light"]];

// look checks a page in every window, and keeps pictures of it in two.
async function look(page, path) {
  await go(page, path, path === nowhere ? 404 : 200);
  let last;
  for (const [size, theme] of windows) {
    await page.setViewportSize(sizes[size]);
    await page.emulateMedia({ colorScheme: theme });
    await check(page, `${size}, ${theme}`, { contrast: size === last });
    last = size;
  }
}

// everywhere looks at all pages, two at a time: axe keeps a core busy.
async function everywhere(browser, state) {
  const paths = await pages(await open(browser, { state }));
  const left = [...paths];
  await Promise.all([1, 2].map(async () => {
    const page = await open(browser, { state });
    while (left.length > 0) await look(page, left.shift());
  }));
  console.log(`${paths.length} pages in ${windows.length} windows`);
}

const browser = await launch(chromium);
try {
  const door = await open(browser);
  await go(door, "/sign-in");
  await check(door, "sign-in");
  const desk = await open(browser);
  await setUp(desk);
  await connect(desk);
  await addWebhook(desk, "desk", true);
  await remind(desk, "desk", true);
  const phone = await open(browser, { size: "phone", dark: true, script: false });
  await signIn(phone);
  await addWebhook(phone, "phone", false);
  await remind(phone, "phone", false);
  if (screens) await pictures(await open(browser, { state: await desk.context().storageState() }));
  await newEvent(desk);
  await fill(desk);
  await everywhere(browser, await desk.context().storageState());
} finally {
  await browser.close();
}

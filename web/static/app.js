// All that the page does beyond HTML. Without this script every form works as well.
"use strict";

// For who has chosen no zone, times are those of the browser's clock: the server learns its
// zone by a cookie. Only a page that was written before that is asked for again.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=strict${secure}`;
  const shown = document.documentElement.dataset.zone;
  if (shown && shown !== zone && document.cookie.includes(`zone=${zone}`)) location.reload();
}

// The menu of a phone is wider than it: where one is comes first.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A form with data-live asks that address for a new content of the element it names in
// data-into, a moment after something in it changed.
for (const form of document.querySelectorAll("form[data-live]")) {
  const into = document.getElementById(form.dataset.into);
  let timer, asked;
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.live, {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: asked.signal,
        headers: { "X-Part": "1" },
      });
      if (answer.ok && !answer.redirected) into.innerHTML = await answer.text();
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 250);
  });
}

// A form that is on its way is not sent again: two clicks are no two events. Who comes back to
// the page, or waits for long, may send it once more.
const sent = new Set();
document.addEventListener("submit", (e) => {
  const method = e.submitter?.getAttribute("formmethod") ?? e.target.getAttribute("method");
  if (method !== "post") return; // asking twice does nothing
  if (sent.has(e.target)) {
    e.preventDefault();
    return;
  }
  sent.add(e.target);
  setTimeout(() => sent.delete(e.target), 10_000);
});
addEventListener("pageshow", () => sent.clear());

// What does by hand what the script does by itself.
for (const b of document.querySelectorAll("[data-scriptless]")) b.hidden = true;

// What is under data-when is there only while the control that it names has that value; a box
// that is not ticked has none.
for (const part of document.querySelectorAll("[data-when]")) {
  const [name, value] = part.dataset.when.split("=");
  const control = part.closest("[data-row]")?.querySelector(`[name="${name}"]`) ?? part.closest("form").elements[name];
  const follow = () => { part.hidden = (control.type === "checkbox" && !control.checked ? "" : control.value) !== value; };
  control.addEventListener("change", follow);
  follow();
}

// Of rows that hold nothing one is enough: the next appears when it is filled.
for (const rows of document.querySelectorAll("[data-rows]")) {
  const follow = () => {
    let empty = 0;
    for (const row of rows.querySelectorAll("[data-row]")) row.hidden = row.querySelector("select").value === "" && empty++ > 0;
  };
  rows.addEventListener("change", follow);
  follow();
}

// A list that is sent as soon as something is chosen from it.
for (const control of document.querySelectorAll("[data-send]")) {
  control.addEventListener("change", () => control.form.requestSubmit());
}

// A button with data-insert puts that text where the cursor is in the field data-target names.
for (const b of document.querySelectorAll("[data-insert]")) {
  const field = document.getElementById(b.dataset.target);
  b.hidden = field.matches(":disabled");
  b.addEventListener("click", () => {
    field.focus();
    field.setRangeText(b.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

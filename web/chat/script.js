// Brings the page up to date every half second; without it the page reloads itself.
"use strict";
setInterval(async () => {
  try {
    const answer = await fetch("/demo/chat", { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("chat");
    const shown = document.getElementById("chat");
    if (fresh && fresh.dataset.serial !== shown.dataset.serial) shown.replaceWith(fresh);
  } catch {
    document.title = "Calbell demo: ended";
  }
}, 500);

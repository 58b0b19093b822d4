// The price grid by keyboard: j and k go through the lines, Enter opens one, Escape closes it, x chooses it, ? tells the keys.
// All of it is also a link, a box to tick or a button.
const grid = () => document.querySelector("[data-grid]");
const lines = () => [...(grid()?.querySelectorAll("tr[data-row]") ?? [])];
const typing = (element) => element.matches?.("input:not([type=checkbox]), select, textarea");

function count() {
  const told = document.querySelector("[data-count]");
  if (!told) return;
  told.dataset.none ??= told.textContent;
  const chosen = document.querySelectorAll("input[form=bulk][name=offer]:checked").length;
  told.textContent = chosen ? told.dataset.count.replace("%n", chosen) : told.dataset.none;
}

function go(step) {
  const all = lines();
  const now = document.activeElement?.closest?.("tr[data-row]");
  const next = now ? all[all.indexOf(now) + step] : all[step > 0 ? 0 : all.length - 1];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => go(1),
  ArrowDown: () => go(1),
  k: () => go(-1),
  ArrowUp: () => go(-1),
  Enter: (line) => line?.querySelector("[data-open]")?.click(),
  x: (line) => line?.querySelector("input[type=checkbox]")?.click(),
  "/": () => document.getElementById("search-lines")?.focus(),
  "?": () => document.getElementById("grid-keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (!grid() || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    const cancel = grid().querySelector("a[data-cancel]");
    if (cancel && !document.querySelector("details[data-menu][open]")) cancel.click();
    return;
  }
  const element = event.target;
  if (typing(element) || (event.key === "Enter" && element.matches("a, button, summary, input"))) return;
  const key = keys[event.key];
  if (!key) return;
  const line = element.closest?.("tr[data-row]");
  if (["Enter", "x"].includes(event.key) && !line) return;
  event.preventDefault();
  key(line);
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-choose-all]")) {
    for (const box of document.querySelectorAll("input[form=bulk][name=offer]")) box.checked = event.target.checked;
  }
  if (grid()) count();
});

// After a line was opened the keyboard stands in its first number; after it was closed, on the line.
function place() {
  if (!grid()) return;
  count();
  const number = grid().querySelector("[data-grid-focus]");
  const line = location.hash.startsWith("#line-") && document.getElementById(location.hash.slice(1));
  if (document.querySelector("[data-focus]")) return;
  if (number) {
    number.focus({ preventScroll: true });
    number.select();
  } else if (line) line.focus({ preventScroll: true });
}

document.addEventListener("htmx:after:swap", () => requestAnimationFrame(() => requestAnimationFrame(place)));
place();

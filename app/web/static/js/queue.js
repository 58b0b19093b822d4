// Keys in the inbox and on a request's page: j and k walk, Enter opens, x ticks, a and r lead to the buttons, ? tells of them.
// None of them decides anything: the button that is led to still has to be pressed.
const TYPING = "input:not([type=checkbox]), textarea, select, dialog, [contenteditable]";

function rows() {
  return [...document.querySelectorAll("[data-queue] [data-row]")];
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("current"));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  all.forEach((row) => row.classList.toggle("current", row === next));
  next.querySelector("a.row").focus();
  next.scrollIntoView({ block: "nearest" });
}

function tick(always) {
  const box = document.querySelector("[data-row].current input[name=chosen]");
  if (box) box.checked = always || !box.checked;
}

document.addEventListener("keydown", (event) => {
  const scope = document.querySelector("[data-queue], [data-decide]");
  if (!scope || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
  const isList = scope.matches("[data-queue]");
  const acts = {
    j: () => step(1),
    k: () => step(-1),
    x: () => tick(false),
    a: () => {
      tick(true);
      scope.querySelector("[data-key=a]")?.focus();
    },
    r: () => {
      tick(true);
      scope.querySelector("[name=comment]")?.focus();
    },
    "?": () => document.getElementById("keys")?.showModal(),
  };
  if (!acts[event.key] || (!isList && "jkx".includes(event.key))) return;
  event.preventDefault();
  acts[event.key]();
});

for (const button of document.querySelectorAll(".keys-help")) button.hidden = false;

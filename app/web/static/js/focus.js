// After a swap the keyboard stands where a full page load would have put it: on the list of errors, or at the content.
function place() {
  const errors = document.querySelector("[data-focus]");
  if (errors) return errors.focus();
  const lost = !document.activeElement || document.activeElement === document.body;
  if (lost) document.getElementById("main")?.focus({ preventScroll: true });
}

document.addEventListener("htmx:after:swap", () => requestAnimationFrame(place));
if (document.querySelector("[data-focus]")) place();

// A link in the list of errors leads into the field itself.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".errors a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});

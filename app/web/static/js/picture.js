// A chosen picture goes to the library at once, so that the preview can show it before anything is saved.
document.addEventListener("change", async (event) => {
  const input = event.target;
  if (!input.matches?.("input[type=file][data-picture]") || !input.files.length) return;
  const form = input.form;
  const told = document.getElementById(`${input.id}-error`);
  const body = new FormData();
  body.append("csrf_token", form.elements.csrf_token.value);
  body.append("picture", input.files[0]);
  const answer = await fetch("/admin/brand/pictures", { method: "POST", body, headers: { Accept: "application/json" } });
  const { digest, message } = await answer.json().catch(() => ({ message: "" }));
  told.hidden = !message;
  told.querySelector("span").textContent = message ?? "";
  if (!digest) return;
  const kept = document.getElementById(input.dataset.picture);
  kept.value = digest;
  kept.dispatchEvent(new Event("input", { bubbles: true }));
});

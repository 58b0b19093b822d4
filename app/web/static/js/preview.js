// Shows a form's effect in the frame beside it while one types. Without this the form's preview button does the same.
let timer;

function show(form) {
  const button = form.querySelector("[data-preview-button]");
  const frame = document.querySelector(`iframe[name="${button.formTarget}"]`);
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "csrf_token") query.append(name, value);
  }
  const address = `${button.formAction}?${query}`;
  if (address.length > 1800) form.requestSubmit(button); // too long for an address: as without this script
  else frame?.contentWindow.location.replace(address);
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-preview]")) return;
  clearTimeout(timer);
  timer = setTimeout(() => show(form), 250);
});

// A colour is typed or picked; the two fields follow each other.
document.addEventListener("input", (event) => {
  const twin = event.target.dataset?.twin && document.getElementById(event.target.dataset.twin);
  if (twin && /^#[0-9a-fA-F]{6}$/.test(event.target.value)) twin.value = event.target.value.toLowerCase();
});

// Filters apply as they are chosen; text a moment after the last key. The form's own button does it without this.
let timer;

function submit(form, wait) {
  clearTimeout(timer);
  timer = setTimeout(() => form.isConnected && form.requestSubmit(), wait);
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]") && event.target.type !== "search") submit(form, 0);
});
document.addEventListener("input", (event) => {
  const form = event.target.form;
  const typed = event.target.matches("[type=search], [type=number]");
  if (form?.matches("[data-autosubmit]") && typed) submit(form, 350);
});

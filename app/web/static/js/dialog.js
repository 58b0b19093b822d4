// A link with data-dialog opens that dialog instead of the page that asks the same question.
document.addEventListener(
  "click",
  (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (!dialog?.showModal) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      dialog.showModal();
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
    else if (event.target.matches?.("dialog[open]")) event.target.close(); // the backdrop
  },
  true,
);

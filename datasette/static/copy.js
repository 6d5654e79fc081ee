// A button copies the text of the element that it names (data-copies). Where the browser refuses, the text is selected instead.
"use strict";
async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.parentElement.querySelector("[role=status]").textContent = button.dataset.done;
  } catch {
    getSelection().selectAllChildren(source);
  }
}
for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}

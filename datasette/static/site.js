// Buttons that Datasette's templates give an inline handler, which our content security policy does not allow.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-call]");
  if (button && typeof window[button.dataset.call] === "function") window[button.dataset.call]();
});
// A single key focuses the field, presses the button or opens the part that names it (data-key), unless something is being typed.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest("[data-key]")?.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!pressed) return;
  event.preventDefault();
  if (pressed.tagName === "INPUT") { pressed.focus(); return; }
  pressed.click();
  if (pressed.tagName === "SUMMARY") pressed.parentElement.querySelector("input")?.focus();
});

// A single key focuses the field, presses the button or opens the part that names it (data-key), unless something is being typed.
// Escape leaves it, and closes what a quote shows.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest("[data-key], mark.quote")?.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!pressed) return;
  event.preventDefault();
  if (pressed.tagName === "INPUT") { pressed.focus(); return; }
  pressed.click();
  if (pressed.tagName === "SUMMARY") pressed.parentElement.querySelector("input")?.focus();
});

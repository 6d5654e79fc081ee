// A single key focuses the field, presses the button or opens the part that names it (data-key), unless something is being typed.
// Escape leaves it, and closes what a quote shows. Keys alone can be turned off at the foot of each page, for people who speak to their
// computer; the browser remembers it.
const keys = document.querySelector(".keys");
const keySwitch = keys.querySelector("input");
const showKeys = () => document.documentElement.classList.toggle("keyless", !keySwitch.checked);
try { keySwitch.checked = localStorage.getItem("keys") !== "off"; } catch { /* a browser that keeps nothing for sites */ }
keySwitch.addEventListener("change", () => {
  showKeys();
  try { localStorage.setItem("keys", keySwitch.checked ? "on" : "off"); } catch { /* then for this page */ }
});
showKeys();
keys.hidden = false;

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest("[data-key], mark.quote")?.blur();
  if (!keySwitch.checked || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!pressed) return;
  event.preventDefault();
  if (pressed.tagName === "INPUT") { pressed.focus(); return; }
  pressed.click();
  if (pressed.tagName === "SUMMARY") pressed.parentElement.querySelector("input")?.focus();
});

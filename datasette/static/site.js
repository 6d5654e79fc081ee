// Buttons that Datasette's templates give an inline handler, which our content security policy does not allow.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-call]");
  if (button && typeof window[button.dataset.call] === "function") window[button.dataset.call]();
});

// Names while somebody types into a field with data-suggest (place, outlet, station or type). What is chosen is sent by its key; without
// this script the field is sent as it was typed, and the list asks what was meant.
const count = new Intl.NumberFormat("en");
for (const field of document.querySelectorAll("input[data-suggest]")) enrich(field);

function enrich(field) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `suggestions-${field.dataset.suggest}`;
  list.role = "listbox";
  list.hidden = true;
  const key = document.createElement("input");
  key.type = "hidden";
  field.parentElement.classList.add("suggesting");
  field.after(list, key);
  field.role = "combobox";
  for (const [name, value] of [["autocomplete", "list"], ["controls", list.id], ["expanded", "false"]]) field.setAttribute(`aria-${name}`, value);
  if (field.dataset.shown) { choose(field.value, field.dataset.shown); }

  let waiting, asked;
  field.addEventListener("input", () => {
    if (key.name) { field.name = key.name; key.name = ""; }
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  field.addEventListener("keydown", (event) => {
    const options = [...list.children], at = options.findIndex((one) => one.ariaSelected === "true");
    if (event.key === "Escape") close();
    else if (list.hidden) { if (event.key === "ArrowDown") ask(); return; }
    else if (event.key === "ArrowDown") mark(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp") mark(options.at(at < 1 ? -1 : at - 1));
    else if (event.key === "Enter" && at >= 0) pick(options[at]);
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => { event.preventDefault(); pick(event.target.closest("li")); });

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const query = new URLSearchParams({ kind: field.dataset.suggest, q: field.value.trim() });
    try {
      const answer = await fetch(`${new URL("../suggest.json", import.meta.url)}?${query}`, { signal: asked.signal });
      show((await answer.json()).rows ?? []);
    } catch { close(); }
  }
  function show(rows) {
    list.replaceChildren(...rows.map((row, index) => {
      const option = document.createElement("li"), about = document.createElement("span");
      option.role = "option";
      option.id = `${list.id}-${index}`;
      option.dataset.key = row.key;
      option.dataset.name = row.name;
      about.className = "meta";
      about.textContent = `${row.parent} ${count.format(row.count)}`;
      option.append(row.name, " ", about);
      return option;
    }));
    open(rows.length > 0);
  }
  function open(is) { list.hidden = !is; field.ariaExpanded = String(is); if (!is) field.removeAttribute("aria-activedescendant"); }
  function close() { clearTimeout(waiting); asked?.abort(); open(false); }
  function mark(option) {
    for (const one of list.children) one.ariaSelected = String(one === option);
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
  function choose(value, shown) {
    key.name = field.name || key.name;
    key.value = value;
    field.removeAttribute("name");
    field.value = shown;
  }
  function pick(option) { if (option) { choose(option.dataset.key, option.dataset.name); close(); } }
}

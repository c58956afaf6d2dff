// What every page does without asking the server: theme, dialogs, shortcuts, messages. Text is shown as text only.
const combo = (event) => {
  const key = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key.toLowerCase();
  return `${event.altKey ? "alt+" : ""}${event.ctrlKey || event.metaKey ? "ctrl+" : ""}${key}`;
};
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("click", (event) => {
  const at = (name) => event.target.closest?.(`[data-${name}]`);
  if (at("theme-switch")) window.vivaTheme();
  const opener = at("opens");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const closer = at("closes");
  if (closer) closer.closest("dialog")?.close();
  if (event.target.tagName === "DIALOG") { // its backdrop, or its own edge
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

document.addEventListener("keydown", (event) => {
  const pressed = combo(event);
  if (!pressed.includes("+") && (typing(event.target) || document.querySelector("dialog[open]"))) return;
  const target = document.querySelector(`[data-shortcut~="${CSS.escape(pressed)}"]`);
  if (!target || target.disabled) return;
  event.preventDefault();
  if (target.matches("input, textarea, select")) {
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  } else target.click();
});

window.vivaToast = (text) => {
  let box = document.querySelector(".toast-box");
  if (!box) {
    box = document.body.appendChild(document.createElement("div"));
    box.className = "toast-box";
    box.setAttribute("role", "status");
  }
  const toast = box.appendChild(document.createElement("div"));
  toast.className = "toast";
  toast.textContent = text;
  setTimeout(() => toast.remove(), 6000);
};
window.vivaAddress = (address) => history.replaceState(history.state, "", address);

// `/` moves the focus to the search, until somebody turns that off in this browser (on the page of
// the search): people who speak to their machine would set it off. Nothing needs it.
"use strict";
const OFF = "andon-keys-off";
const isOff = () => localStorage.getItem(OFF) !== null;

addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  const field = document.getElementById("search");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!field || isOff()) return;
  event.preventDefault();
  field.focus();
  field.select();
});

const told = document.getElementById("keys");
if (told) {
  const button = told.querySelector("button");
  const say = () => { button.textContent = isOff() ? "Turn it on" : "Turn it off"; };
  button.addEventListener("click", () => {
    if (isOff()) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "");
    say();
  });
  say();
  told.hidden = false;
}

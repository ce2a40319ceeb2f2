// What a script adds to pages that work without it: fields of passwords that can be shown, texts that can be copied,
// pages that can be printed. Buttons for it are there, `hidden`, until this runs.
//   <button type="button" hidden data-reveal="ID of the input" aria-pressed="false">
//   <button type="button" hidden data-copy="ID of the element" data-done="what the button says then">
//   <button type="button" hidden data-print>
"use strict";

function shown(selector, act) {
  for (const button of document.querySelectorAll(selector)) {
    button.hidden = false;
    button.addEventListener("click", () => act(button));
  }
}

shown("[data-reveal]", (button) => {
  const input = document.getElementById(button.dataset.reveal);
  const isShown = input.type === "text";
  input.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!isShown));
});

shown("[data-print]", () => window.print());

if (navigator.clipboard) {
  shown("[data-copy]", async (button) => {
    const source = document.getElementById(button.dataset.copy);
    const lines = [...source.querySelectorAll("li")].map((line) => line.textContent.trim());
    await navigator.clipboard.writeText(lines.length ? lines.join("\n") : source.textContent.trim());
    button.textContent = button.dataset.done;
  });
}

// A password that was shown must not be kept by the browser as a text that it may suggest.
for (const form of document.forms) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("[data-reveal]")) {
      document.getElementById(button.dataset.reveal).type = "password";
    }
  });
}

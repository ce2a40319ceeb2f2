// Passkeys on our pages (WebAuthn Level 3). Nothing here decides anything: a form asks the server what to ask for, puts
// what the authenticator answered into a field, and is sent; the server looks at it and says where to go on.
//
//   <form method="post" action="…" hidden           shown only where the browser knows passkeys
//         data-passkey="get"                        or "create"
//         data-passkey-options="…"                  where the options are asked for, by POST
//         data-passkey-autofill                     optional: also offer passkeys among what a field suggests, for which
//                                                   the page has an input with autocomplete="username webauthn"
//         data-passkey-cancelled="…"                what is said when the user or the time ended it,
//         data-passkey-exists="…"                   when the authenticator has one of the account already ("create"),
//         data-passkey-failed="…">                  and when something else went wrong
//     <input type="hidden" name="credential">
//     <p role="alert" data-passkey-error hidden></p>  what is said appears here
//     <button type="submit">…</button>
//   </form>
//   <p data-passkey-missing>…</p>                   optional: what is read where the form is not shown
"use strict";

(() => {
  const ANEW = 240_000; // milliseconds; challenges are good for five minutes

  const decode = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));

  const encode = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  // What parseCreationOptionsFromJSON and parseRequestOptionsFromJSON do, where a browser has neither.
  function parsed(kind, json) {
    const native = { create: "parseCreationOptionsFromJSON", get: "parseRequestOptionsFromJSON" }[kind];
    if (PublicKeyCredential[native]) return PublicKeyCredential[native](json);
    const named = (list) => (list || []).map((item) => ({ ...item, id: decode(item.id) }));
    const options = { ...json, challenge: decode(json.challenge) };
    if (json.user) options.user = { ...json.user, id: decode(json.user.id) };
    if (json.excludeCredentials) options.excludeCredentials = named(json.excludeCredentials);
    if (json.allowCredentials) options.allowCredentials = named(json.allowCredentials);
    return options;
  }

  // What toJSON does. Some password managers give credentials of their own, whose toJSON throws or is missing.
  function written(credential) {
    try {
      return JSON.stringify(credential.toJSON());
    } catch {
      const { response } = credential;
      const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
      const buffers = parts.filter((part) => response[part]).map((part) => [part, encode(response[part])]);
      const transports = response.getTransports ? { transports: response.getTransports() } : {};
      return JSON.stringify({
        id: credential.id,
        rawId: encode(credential.rawId),
        type: credential.type,
        response: { ...Object.fromEntries(buffers), ...transports },
      });
    }
  }

  async function options(form) {
    const answer = await fetch(form.dataset.passkeyOptions, { method: "POST", redirect: "manual" });
    return answer.ok ? answer.json() : null;
  }

  function send(form, credential) {
    form.elements.credential.value = credential;
    form.submit();
  }

  function said(error, texts) {
    if (error.name === "NotAllowedError") return texts.passkeyCancelled;
    if (error.name === "InvalidStateError") return texts.passkeyExists || texts.passkeyFailed;
    return texts.passkeyFailed;
  }

  function say(form, text) {
    const place = form.querySelector("[data-passkey-error]");
    place.textContent = text;
    place.hidden = !text;
  }

  // What the authenticator answers, as JSON. Empty where the server has nothing to ask for: that nobody is signed in any
  // more, say, or has to confirm that it is them. The form is sent all the same, and the answer is a page that says so.
  async function ask(form, extra) {
    const json = await options(form);
    if (json === null) return "";
    const kind = form.dataset.passkey;
    return written(await navigator.credentials[kind]({ publicKey: parsed(kind, json), ...extra }));
  }

  // Passkeys among the suggestions of a field. The question waits for as long as the page is open, so it is asked anew
  // before the server's challenge expires; and it steps back for the button, as there is room for one question.
  class Autofill {
    constructor(form) {
      this.form = form;
    }

    async start() {
      this.stop();
      const { signal } = (this.waiting = new AbortController());
      const again = setTimeout(() => this.restart(), ANEW);
      try {
        if (!(await PublicKeyCredential.isConditionalMediationAvailable())) return;
        const credential = await ask(this.form, { mediation: "conditional", signal });
        if (credential && !signal.aborted) send(this.form, credential);
      } catch {
        // Nobody asked for it, so nobody is told: the button is there.
      } finally {
        clearTimeout(again);
      }
    }

    stop() {
      this.waiting?.abort();
    }

    restart() {
      this.stop();
      if (document.visibilityState === "visible") {
        this.start();
      } else {
        document.addEventListener("visibilitychange", () => this.start(), { once: true });
      }
    }
  }

  function enliven(form) {
    const button = form.querySelector("[type=submit]");
    const autofill = "passkeyAutofill" in form.dataset ? new Autofill(form) : null;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      if (autofill) autofill.stop();
      button.disabled = true;
      say(form, "");
      try {
        send(form, await ask(form, {}));
      } catch (error) {
        button.disabled = false;
        say(form, said(error, form.dataset));
        if (autofill) autofill.start();
      }
    });
    form.hidden = false;
    for (const text of document.querySelectorAll("[data-passkey-missing]")) text.hidden = true;
    if (autofill) autofill.start();
  }

  if (window.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach(enliven);
  // A page that comes back out of the browser's memory has a question that was answered.
  window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
})();

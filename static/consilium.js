/* What pages do better with JavaScript. Everything here is an addition: each page works without it. */
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const typing = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;

  // --- clocks: the words and the bar move on once a minute, nothing else does ------------------------------------
  const HOUR = 3600;
  const AT_RISK = 0.85;

  // The same words as the |duration filter of the server.
  const duration = (seconds) => {
    const minutes = Math.floor(Math.abs(seconds) / 60);
    if (minutes === 0) return "less than a minute";
    const join = (large, small, units) => [large && `${large} ${units[0]}`, small && `${small} ${units[1]}`].filter(Boolean).join(" ");
    if (Math.abs(seconds) >= 100 * HOUR) return join(Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), ["days", "h"]);
    return join(Math.floor(minutes / 60), minutes % 60, ["h", "min"]);
  };

  const showClock = (clock) => {
    const left = (new Date(clock.dataset.due).getTime() - Date.now()) / 1000;
    const share = Math.max(0, 1 - left / Number(clock.dataset.promised));
    const tone = left < 0 ? "late" : share >= AT_RISK ? "attention" : "calm";
    const words = { late: `Late by ${duration(left)}`, attention: `At risk: ${duration(left)} left`, calm: `${duration(left)} left` }[tone];
    const target = clock.querySelector("[data-clock-words]");
    if (target && target.textContent !== words) target.textContent = words;
    clock.dataset.tone = tone;
    clock.querySelector("[data-clock-used]")?.setAttribute("width", Math.min(100, share * 100).toFixed(1));
  };
  const showClocks = () => all("[data-clock][data-due]").forEach(showClock);

  // --- lists: arrow keys, and the letters of the queue -----------------------------------------------------------
  const links = () => all("[data-results] [data-item], [data-queue] [data-item]").map((item) => item.querySelector("a[href]")).filter(Boolean);

  const go = (link) => {
    if (!link) return;
    all(".is-current[data-item]").forEach((item) => item.classList.remove("is-current"));
    link.closest("[data-item]").classList.add("is-current");
    link.focus();
    link.scrollIntoView({ block: "nearest" });
  };

  const current = () => document.activeElement?.closest("[data-item]") ?? document.querySelector("[data-item].is-current");

  const move = (step) => {
    const found = links();
    const at = found.findIndex((link) => link.closest("[data-item]") === current());
    if (at === 0 && step < 0 && document.querySelector("[data-results]")) return document.querySelector("[data-search]")?.focus();
    return go(found[Math.min(found.length - 1, Math.max(0, at + step))]);
  };

  // Single keys can be switched off in the dialog of keys; this browser remembers it.
  const KEYS = "consilium.keys";
  const keysAct = () => {
    try {
      return window.localStorage.getItem(KEYS) !== "off";
    } catch {
      return true;
    }
  };
  document.addEventListener("change", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches("[data-keys-on]")) return;
    try {
      window.localStorage.setItem(KEYS, event.target.checked ? "on" : "off");
    } catch {
      event.target.checked = true;
    }
    root.classList.toggle("keys-off", !keysAct());
  });
  root.classList.toggle("keys-off", !keysAct());

  const openKeys = () => {
    const dialog = document.querySelector("dialog[data-keys]");
    all("[data-keys-on]").forEach((box) => { box.checked = keysAct(); });
    if (dialog && !dialog.open) dialog.showModal();
  };

  const queueKeys = {
    j: () => move(1),
    k: () => move(-1),
    n: () => document.querySelector("[data-next]")?.click(),
    a: () => document.querySelector("form[data-quick-send] textarea")?.focus(),
    c: () => (current()?.querySelector("[data-claim]") ?? document.querySelector("main [data-claim]:only-of-type"))?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") all("details[data-menu][open]").forEach((menu) => closeMenu(menu, true));
    if (document.querySelector("dialog[open]")) return;
    const inSearch = event.target instanceof Element && event.target.matches("[data-search]");
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (arrow && links().length && (inSearch ? arrow > 0 : current()?.contains(event.target))) {
      event.preventDefault();
      inSearch ? go(links()[0]) : move(arrow);
      return;
    }
    // Enter in a search box inside a larger form searches; it must not send the form.
    if (event.key === "Enter" && event.target instanceof Element && event.target.matches("form[method=post] input[type=search]")) {
      event.preventDefault();
      event.target.dispatchEvent(new Event("search", { bubbles: true }));
      return;
    }
    if (typing(event.target) || !keysAct()) return;
    if (event.key === "/") {
      event.preventDefault();
      const field = document.querySelector("main [data-search]") ?? document.querySelector("[data-search]");
      field?.focus();
      field?.select();
    } else if (event.key === "?") {
      openKeys();
    } else if (queueKeys[event.key] && (document.querySelector("[data-queue]") || !"jk".includes(event.key))) {
      event.preventDefault();
      queueKeys[event.key]();
    }
  });

  // --- menus ----------------------------------------------------------------------------------------------------
  const closeMenu = (menu, focus) => {
    menu.open = false;
    if (focus) menu.querySelector("summary")?.focus();
  };

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    all("details[data-menu][open]").forEach((menu) => menu.contains(event.target) || closeMenu(menu, false));
    event.target.closest("[data-dismiss]")?.closest(".notice")?.remove();
    if (event.target.closest("[data-print]")) window.print();
    const choice = event.target.closest("[data-choose]");
    if (choice) choose(document.getElementById(choice.dataset.choose), choice.dataset.value);
    if (event.target.closest("[data-open-keys]")) {
      event.target.closest("details")?.removeAttribute("open");
      openKeys();
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
  });

  // Paper folds nothing: what a browser would print closed is open while it prints.
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = all(".flow-text:not([open]), .decision:not([open])");
    unfolded.forEach((part) => { part.open = true; });
  });
  window.addEventListener("afterprint", () => unfolded.forEach((part) => { part.open = false; }));

  // A suggestion taken: the field is set as if by hand, so that it saves itself too.
  const choose = (field, value) => {
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  };

  const copyText = async (button) => {
    const word = button.querySelector("[data-copy-word]") ?? button;
    const text = button.parentElement.querySelector("[data-copy-text]");
    try {
      await navigator.clipboard.writeText((text.value ?? text.innerText).trim());
      word.textContent = "Copied";
    } catch {
      window.getSelection().selectAllChildren(text);
      word.textContent = "Selected: copy it with your keyboard";
    }
  };

  // --- what was typed is never lost ------------------------------------------------------------------------------
  // A form with data-guard warns before it is left with something unsaved. A form with data-autosave is saved by
  // htmx; the element [data-autosave-status] says so.
  const touched = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form[data-guard]") : null;
    if (form) touched.add(form);
  });
  // What is being sent no longer saves itself: that would come too late, and be refused. A page that is still there
  // after a while was not sent after all.
  const STILL_HERE = 10_000;
  const sending = new WeakSet();
  document.addEventListener("submit", (event) => {
    touched.delete(event.target);
    if (event.defaultPrevented) return;
    sending.add(event.target);
    window.setTimeout(() => sending.delete(event.target), STILL_HERE);
  });
  window.addEventListener("beforeunload", (event) => {
    if (Array.from(touched).some((form) => form.isConnected)) event.preventDefault();
  });

  const autosaving = (event) => (event.target instanceof Element ? event.target.closest("[data-autosave]") : null);
  const say = (form, text) => all("[data-autosave-status]", form).forEach((place) => { place.textContent = text; });
  // htmx sends a form where the button touched last would have sent it, though nobody pressed that button.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.matches?.("[data-autosave]")) event.detail.path = event.detail.elt.getAttribute("hx-post");
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.elt.matches?.("[data-autosave]")) return;
    if (sending.has(event.detail.elt)) event.preventDefault();
    else say(event.detail.elt, "Saving the draft");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = autosaving(event);
    if (!form || !event.detail.elt.matches("[data-autosave]")) return;
    if (!event.detail.successful) {
      say(form, event.detail.xhr.getResponseHeader("X-Autosave") ?? "Not saved. Your text is still on this page; the next change tries again");
      return;
    }
    touched.delete(form);
    const words = event.detail.xhr.getResponseHeader("X-Autosave");
    if (words) return say(form, words);
    say(form, `Draft saved ${new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`);
  });

  // What is pressed and gets no answer says so; what saves itself, and the board, say it in places of their own.
  const trouble = document.createElement("div");
  trouble.className = "notice notice-attention";
  const sayTrouble = (event) => {
    if (event.detail.elt.matches?.("[data-autosave], [data-board]")) return;
    const form = event.detail.elt.closest?.("form[data-guard]");
    if (form) touched.add(form);
    const status = event.detail.xhr?.status ?? 0;
    const words = document.createElement("p");
    words.textContent = status && status < 500
      ? "That could not be done. Load the page again to see how things stand."
      : "The site gave no answer. What is on this page stays; try again in a minute.";
    trouble.replaceChildren(words);
    document.querySelector(".messages")?.prepend(trouble);
    trouble.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:responseError", sayTrouble);
  document.addEventListener("htmx:sendError", sayTrouble);
  document.addEventListener("htmx:beforeSwap", (event) => event.detail.isError || trouble.remove());

  // A press in the panel beside a question is sent by the panel: what saves itself may replace the button meanwhile.
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-press]") : null;
    if (!button) return;
    event.preventDefault();
    const place = { source: "#ask-side", target: "#ask-side", swap: "innerHTML" };
    window.htmx.ajax("POST", button.getAttribute("formaction"), { ...place, values: { [button.name]: button.value } });
  });

  // --- remarks: the words selected on the page go into the form --------------------------------------------------
  const placeOf = (node) => (node instanceof Element ? node : node?.parentElement)?.closest("[data-place]")?.dataset.place;
  const remarkHere = document.querySelector("[data-remark-here]");
  let selected = null;

  const followSelection = () => {
    const selection = document.getSelection();
    const words = selection.toString().replace(/\s+/g, " ").trim();
    const place = placeOf(selection.anchorNode);
    selected = words && place && place === placeOf(selection.focusNode) ? { place, words } : null;
    remarkHere.hidden = !selected;
  };

  const remarkOnSelected = () => {
    const form = document.querySelector("form[data-remark]");
    const { place, words } = selected;
    form.elements.place.value = place;
    form.elements.quote.value = words;
    form.elements.text.focus();
    form.scrollIntoView({ block: "center" });
  };

  if (remarkHere) {
    document.addEventListener("selectionchange", followSelection);
    remarkHere.addEventListener("mousedown", (event) => event.preventDefault());
    remarkHere.addEventListener("click", () => selected && remarkOnSelected());
  }

  // --- writing: pasting, and inserting what a list offers ----------------------------------------------------------
  // Typed in as if by hand, so that undoing takes it out again and the form saves itself.
  const insert = (field, text) => {
    field.focus();
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  const FORMATTED = /<(h[1-6]|li|table|strong|b|em|i|a)[\s>]|mso-list|font-weight|font-style/i;
  document.addEventListener("paste", async (event) => {
    const field = event.target instanceof Element ? event.target.closest("textarea[data-paste]") : null;
    const address = field?.closest("[data-pasted]")?.dataset.pasted;
    const whole = event.clipboardData?.getData("text/html") ?? "";
    const html = whole.split("<!--StartFragment-->").pop().split("<!--EndFragment-->")[0];
    if (!address || !FORMATTED.test(html)) return;
    const plain = event.clipboardData.getData("text/plain");
    event.preventDefault();
    try {
      const headers = JSON.parse(document.body.getAttribute("hx-headers"));
      const answer = await fetch(address, { method: "POST", headers, body: new URLSearchParams({ html }) });
      insert(field, answer.ok && !answer.redirected ? await answer.text() : plain);
    } catch {
      insert(field, plain);
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-insert]") : null;
    const field = button?.closest("form")?.querySelector("textarea[data-paste]");
    if (field) insert(field, button.dataset.insert);
  });

  // --- suggestions below a search field: a combobox; the field alone searches too -----------------------------------
  const SUGGEST_AFTER = 120;

  // `rows` fetches the list for what is typed, `pick` takes an option; with `eager` the first one is marked at once.
  const suggestFor = (field, { rows, pick, least = 2, eager = false, label = "Suggestions" }) => {
    const list = document.createElement("ul");
    list.className = "suggestions";
    list.id = `${field.id}-suggestions`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label);
    field.after(list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
      field.setAttribute(name, value);
    }
    let timer = 0;
    let asking = null;
    const options = () => all("[role=option]", list);
    const chosen = () => list.querySelector("[aria-selected=true]");
    const show = (open) => {
      list.hidden = !open;
      field.setAttribute("aria-expanded", String(open));
      if (!open) choosing(null);
    };
    const choosing = (option) => {
      options().forEach((row) => row.setAttribute("aria-selected", String(row === option)));
      if (option) field.setAttribute("aria-activedescendant", option.id);
      else field.removeAttribute("aria-activedescendant");
      option?.scrollIntoView({ block: "nearest" });
    };
    const ask = async () => {
      asking?.abort();
      const typed = field.value.trim();
      if (typed.length < least) return show(false);
      asking = new AbortController();
      try {
        const answer = await rows(typed, asking.signal);
        if (!answer.ok || answer.redirected || document.activeElement !== field) return show(false);
        list.innerHTML = await answer.text();
        options().forEach((row, place) => { row.id = `${list.id}-${place}`; });
        show(options().length > 0);
        if (eager) choosing(options()[0] ?? null);
      } catch {
        show(false);
      }
    };
    field.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, SUGGEST_AFTER);
    });
    field.addEventListener("blur", () => {
      window.clearTimeout(timer);
      asking?.abort();
      window.setTimeout(() => show(false), 150);
    });
    field.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        const rows = options();
        const at = rows.indexOf(chosen()) + step;
        choosing(rows[at < -1 ? rows.length - 1 : at] ?? null);
      } else if (event.key === "Enter" && chosen()) {
        event.preventDefault();
        const option = chosen();
        show(false);
        pick(option);
      } else if (event.key === "Escape") {
        event.preventDefault();
        show(false);
      } else if (event.key === "Enter" || event.key === "Tab") {
        show(false);
      }
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      show(false);
      pick(option);
    });
    return ask;
  };

  const searchSuggestions = {
    rows: (q, signal) => fetch(`/search/suggestions/?${new URLSearchParams({ q })}`, { signal, headers: { "HX-Request": "true" } }),
    pick: (option) => window.location.assign(option.dataset.url),
  };

  // --- answering: @ leads from the text to documents and saved pieces, Enter inserts one and leads back -------------
  const finderFor = (finder) => {
    const form = finder.closest("form");
    const [text, field, cited] = [form.querySelector("textarea"), finder.querySelector("input"), form.querySelector("#cite-found")];

    const cite = ({ slug, title }) => {
      const ticked = all("input[name=documents]", cited).find((box) => box.value === slug);
      if (ticked) ticked.checked = true;
      else {
        const row = Object.assign(document.createElement("label"), { className: "choice" });
        row.append(Object.assign(document.createElement("input"), { type: "checkbox", name: "documents", value: slug, defaultChecked: true }), ` ${title}`);
        cited.append(row);
      }
    };

    const back = () => {
      field.value = "";
      text.focus();
    };

    const pick = ({ dataset }) => {
      back();
      const before = text.value.slice(0, text.selectionStart);
      if (dataset.slug) cite(dataset);
      insert(text, `${/\S$/.test(before) ? " " : ""}${dataset.words}`);
      finder.querySelector("[data-finder-said]").textContent = dataset.slug ? `Cited: ${dataset.title}` : `Inserted: ${dataset.title}`;
    };

    const rows = (q, signal) => {
      const headers = JSON.parse(document.body.getAttribute("hx-headers"));
      return fetch(finder.dataset.finder, { method: "POST", signal, headers, body: new URLSearchParams({ q }) });
    };

    const ask = suggestFor(field, { rows, pick, least: 0, eager: true, label: "Documents and saved pieces" });
    field.addEventListener("focus", ask);
    // What is looked for is no part of the answer: it does not save itself.
    for (const name of ["input", "change"]) field.addEventListener(name, (event) => event.stopPropagation());
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
      if (event.key !== "Escape") return;
      event.preventDefault();
      back();
    });
    text.addEventListener("beforeinput", (event) => {
      const before = text.value.slice(0, text.selectionStart);
      if (event.data !== "@" || event.inputType !== "insertText" || !/(^|[\s(])$/.test(before) || !keysAct()) return;
      event.preventDefault();
      field.focus();
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit(form.querySelector(".button-primary"));
    });
  };

  // What scrolls by itself must be reachable by keyboard.
  const reachScrollers = () => all(".prose table, .diagram").forEach((box) => {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  });

  // --- the board: asks for itself while it is looked at -----------------------------------------------------------
  // It stops after a while without a hand on the page, so that it does not keep a forgotten session alive.
  const BOARD_EVERY = 20_000;
  const FORGOTTEN_AFTER = 25 * 60_000;
  let touchedAt = Date.now();

  const board = () => document.querySelector("[data-board]");
  const boardAt = () => document.querySelector("[data-board-at]");
  const boardSays = (text) => {
    const place = document.querySelector("[data-board-status]");
    if (!place || place.textContent === text) return;
    place.textContent = text;
    place.hidden = !text;
  };
  const refreshBoard = () => {
    if (document.hidden) return;
    if (Date.now() - touchedAt > FORGOTTEN_AFTER) boardSays("Paused: nobody has used this page for a while. Any key goes on");
    else window.htmx.trigger(board(), "board-refresh");
  };
  const isBoard = (event) => event.detail.elt.matches?.("[data-board]");

  const startBoard = () => {
    let focused = null;
    let opened = [];
    window.setInterval(refreshBoard, BOARD_EVERY);
    document.addEventListener("visibilitychange", refreshBoard);
    for (const kind of ["keydown", "pointerdown", "pointermove", "scroll"]) {
      document.addEventListener(kind, () => {
        const was = touchedAt;
        touchedAt = Date.now();
        if (touchedAt - was > FORGOTTEN_AFTER) refreshBoard();
      }, { passive: true });
    }
    document.addEventListener("htmx:beforeSwap", () => {
      const inside = board()?.contains(document.activeElement) ? document.activeElement : null;
      focused = inside && { href: inside.getAttribute("href"), place: all("summary", board()).indexOf(inside) };
      opened = all("details", board()).map((part) => part.open);
    });
    document.addEventListener("htmx:afterSwap", () => {
      all("details", board()).forEach((part, place) => { part.open = opened[place] ?? false; });
      if (!focused) return;
      const again = focused.href
        ? all("a[href]", board()).find((link) => link.getAttribute("href") === focused.href)
        : all("summary", board())[focused.place];
      again?.focus({ preventScroll: true });
    });
    document.addEventListener("htmx:afterRequest", (event) => {
      if (!isBoard(event)) return;
      if (!event.detail.successful) return boardSays(`Cannot be refreshed. These are the figures of ${boardAt().textContent}; trying again`);
      boardAt().textContent = event.detail.xhr.getResponseHeader("X-Board-At") ?? boardAt().textContent;
      boardSays("");
    });
  };

  // --- time spent: whole minutes since the page was opened, until one writes one's own; and a survey's seconds ----
  const timeSpent = () => all("input[data-minutes]").filter((field) => !field.value).forEach((field) => {
    const since = Date.now();
    const show = () => { field.value = Math.min(600, Math.max(1, Math.round((Date.now() - since) / 60_000))); };
    const ticking = window.setInterval(show, 15_000);
    field.addEventListener("input", () => window.clearInterval(ticking));
    field.form?.addEventListener("submit", () => field.value || show());
  });
  const surveySeconds = () => all("input[data-seconds]").forEach((field) => {
    let since = 0;
    field.form?.addEventListener("change", () => { since ||= Date.now(); });
    field.form?.addEventListener("submit", () => { if (since) field.value = Math.max(1, Math.round((Date.now() - since) / 1000)); });
  });

  // --- start ----------------------------------------------------------------------------------------------------
  const focusSummary = () => document.querySelector("[data-focus]")?.focus();
  showClocks();
  all("input[data-suggest]").forEach((field) => suggestFor(field, searchSuggestions));
  all("[data-finder]").forEach(finderFor);
  reachScrollers();
  timeSpent();
  surveySeconds();
  window.addEventListener("load", reachScrollers);
  focusSummary();
  window.setInterval(showClocks, 60_000);
  if (board()) startBoard();
  document.addEventListener("visibilitychange", () => document.hidden || showClocks());
  document.addEventListener("htmx:afterSwap", showClocks);
  // What a new fragment asks to look at, and nothing that stood on the page before.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target instanceof Element) event.target.querySelector("[data-focus]")?.focus();
  });

  // A passkey that fails says so in words on the page.
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const place = document.querySelector("[data-passkey-status]");
    if (place) place.textContent = "The passkey was not read. Try again, or use another way.";
  });
})();

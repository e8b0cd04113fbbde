// What the console does where a script runs: times in local time, pages made anew when something
// happens, keys, the monitor. Without it every page and action works all the same.
"use strict";

// Times: local, with UTC on hover.
function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    if (isNaN(date)) continue;
    time.textContent = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
    time.title = time.dateTime.replace("T", " ").replace("Z", " UTC");
  }
}

// Pages made anew: not more than once a second, and not while somebody types, marks or confirms.
// What somebody reads stays as it is; the list beside it does not.
let stale = false, busy = false;
function list() { return document.querySelector("main .list"); }
function inUse() {
  const focus = document.activeElement;
  return (focus && focus.matches("main input, main select, main textarea"))
    || document.querySelector("main tbody input[type=checkbox]:checked")
    || (!list() && document.querySelector("main details[open]"))
    || document.hidden;
}
async function refresh() {
  if (!stale || busy || table || inUse()) return;
  stale = false;
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { "x-live": "1" } });
    if (answer.ok && !inUse()) {
      const text = await answer.text();
      const part = list() ? "main .list" : "main";
      const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(part);
      const chosen = chosenRow(), before = chosen < 0 ? "" : path(rows()[chosen]);
      if (fresh) document.querySelector(part).replaceChildren(...fresh.childNodes);
      localTimes(document);
      choose(again(chosen, before));
    }
  } catch (error) {
    stale = true;
  }
  busy = false;
}

// Rows by key.
function rows() { return [...document.querySelectorAll("main tbody tr")]; }
function chosenRow() { return rows().findIndex((row) => row.classList.contains("chosen")); }
function path(row) { const link = row.querySelector("a"); return link ? link.pathname : ""; }
// The row that a list made anew has in place of another one: rows come before it.
function again(at, before) {
  const same = rows().flatMap((row, place) => path(row) === before ? [place] : []);
  return before && same.length === 1 ? same[0] : at;
}
function choose(at) {
  const all = rows();
  if (at < 0 || !all.length) return;
  const row = all[Math.min(at, all.length - 1)];
  for (const other of all) other.classList.toggle("chosen", other === row);
  row.scrollIntoView({ block: "nearest" });
}

let leading = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const key = event.key;
  if (leading) {
    leading = false;
    const place = document.querySelector(`header nav a[data-key="${CSS.escape(key)}"]`);
    if (place) place.click();
  } else if (key === "g") {
    leading = true;
  } else if (key === "/") {
    const search = document.querySelector("main input[type=search], header input[type=search]");
    if (search) { search.focus(); event.preventDefault(); }
  } else if (key === "n" || key === "j") {
    choose(chosenRow() + 1);
  } else if (key === "p" || key === "k") {
    choose(Math.max(chosenRow() - 1, 0));
  } else if (key === "Enter" && event.target === document.body) {
    const row = document.querySelector("tr.chosen a");
    if (row) row.click();
  } else if (key === "x") {
    const mark = document.querySelector("tr.chosen input[type=checkbox]");
    if (mark) mark.checked = !mark.checked;
  } else if (key === "u") {
    const up = document.querySelector("a[data-key=up]");
    if (up) up.click();
  } else if (key === "?") {
    help();
  }
});

function help() {
  let dialog = document.querySelector("dialog");
  if (!dialog) {
    dialog = document.createElement("dialog");
    const lines = ["g then o r m a w b j l u: to a place", "/: search", "n p (or j k): next and previous row",
      "Enter: open the row", "x: mark it", "u: up", "Esc: leave a field or this help"];
    for (const line of lines) {
      const p = document.createElement("p");
      p.textContent = line;
      dialog.append(p);
    }
    document.body.append(dialog);
  }
  dialog.showModal();
}

// The monitor.
const MONITOR_ROWS = 500;
function monitor(table) {
  const body = table.tBodies[0], empty = document.getElementById("monitor-empty");
  const pause = document.getElementById("pause"), only = document.getElementById("only");
  document.getElementById("monitor-controls").hidden = false;
  table.hidden = false;
  empty.hidden = false;
  let held = [];
  pause.addEventListener("click", () => {
    const paused = pause.getAttribute("aria-pressed") !== "true";
    pause.setAttribute("aria-pressed", paused);
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused) { held.forEach(show); held = []; }
  });
  document.getElementById("clear").addEventListener("click", () => body.replaceChildren());
  function show(told) {
    empty.hidden = true;
    const row = body.insertRow(0);
    const time = document.createElement("time");
    time.dateTime = told.time;
    row.insertCell().append(time);
    row.insertCell().textContent = told.kind;
    const where = row.insertCell();
    if (told.mailbox) {
      const link = document.createElement("a");
      link.href = "/mailboxes/" + encodeURIComponent(told.mailbox);
      link.textContent = told.mailbox;
      where.append(link);
    } else {
      where.textContent = [told.name, told.peer].filter(Boolean).join(" · ");
    }
    row.insertCell().textContent = told.number || "";
    const more = told.text || (told.job ? "job " + told.job : told.entries ? told.entries + " entries" : "");
    row.insertCell().textContent = more;
    localTimes(row);
    while (body.rows.length > MONITOR_ROWS) body.deleteRow(-1);
  }
  function take(box, event) {
    if (!box.checked || !event.data.toLowerCase().includes(only.value.toLowerCase())) return;
    const told = JSON.parse(event.data);
    if (pause.getAttribute("aria-pressed") === "true") {
      held.push(told);
      held = held.slice(-MONITOR_ROWS);
    } else {
      show(told);
    }
  }
  return [...document.querySelectorAll("input[name=kind]")]
    .map((box) => [box.value, (event) => take(box, event)]);
}

// What happened between the making of a page and its listening is not told, so a page is made
// anew when it has begun to listen. What happens is heard by pages that are seen, and by a monitor. A browser has six connections
// to a server, so a page that is left or hidden gives its own back.
let events = null;
const tail = document.querySelector("[data-tail]");
function listen(heard, always) {
  const wanted = always || !document.hidden;
  if (wanted && !events) {
    // A page needs to know only that something happened; a monitor shows what is newest.
    const kinds = [...new Set(heard.map(([kind]) => kind))].join(",");
    const pace = always ? "each_ms=250&most=" + MONITOR_ROWS : "each_ms=1000&most=1";
    events = new EventSource(tail ? tail.dataset.tail : "/api/events?" + pace + "&kinds=" + kinds);
    for (const [kind, take] of heard) events.addEventListener(kind, take);
  } else if (!wanted) {
    silence();
  }
}
function silence() {
  if (events) events.close();
  events = null;
}

localTimes(document);
const live = (document.body.dataset.live || "").split(" ").filter(Boolean);
const table = document.getElementById("monitor");
if (live.length || table) {
  const staleNow = () => { stale = true; };
  const heard = [...live, ...(live.length ? ["open", "lost", "error"] : [])].map((kind) => [kind, staleNow]);
  if (table) heard.push(...monitor(table));
  const back = () => { stale = true; listen(heard, table); };
  document.addEventListener("visibilitychange", back);
  addEventListener("pageshow", (event) => { if (event.persisted) back(); });
  addEventListener("pagehide", silence);
  setInterval(refresh, 1000);
  listen(heard, table);
}

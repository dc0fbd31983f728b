// Pages work without this file. It adds: copying, what streams, ticking times, readouts of charts, keys.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("js");

  // Copy what stands beside the button.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = button.parentElement.querySelector("code, pre");
    let copied = true;
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      // Pages served without TLS have no clipboard; the selection is one key away from it.
      getSelection().selectAllChildren(source);
      copied = document.execCommand("copy");
    }
    button.textContent = copied ? "Copied" : "Press Ctrl-C";
    button.toggleAttribute("data-copied", copied);
    setTimeout(() => {
      button.textContent = "Copy";
      button.removeAttribute("data-copied");
    }, 2000);
  });

  // What the server streams: an event's markup replaces the content of the element that bears the event's name.
  for (const region of all("[data-events]")) {
    const parts = all("[data-live]", region);
    let source;
    const connect = () => {
      source = new EventSource(region.dataset.events);
      for (const part of parts) {
        source.addEventListener(part.dataset.live, (event) => {
          // What someone reads with pointer or keys stays until they are done.
          if (part.querySelector("[data-reading]") || part.contains(document.activeElement)) return;
          if (part.innerHTML === event.data) return;
          part.innerHTML = event.data;
          decorate(part);
        });
      }
      // The server says so when nothing more will come; otherwise the browser reconnects by itself.
      source.addEventListener("end", () => source.close());
    };
    connect();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) source.close();
      else if (source.readyState === EventSource.CLOSED) connect();
    });
  }

  // Times: relative ones tick, exact ones in the reader's zone.
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // The page was rendered at the server's now; a reader's clock may be wrong, so only the time since then is added.
  const ago = (ms) => {
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s < 1) return "now";
    if (s < 120) return `${s} s ago`;
    if (s < 7200) return `${Math.floor(s / 60)} min ago`;
    if (s < 172800) return `${Math.floor(s / 3600)} h ago`;
    return `${Math.floor(s / 86400)} days ago`;
  };
  const skew = (() => {
    const entry = performance.getEntriesByType("navigation")[0];
    const rendered = Number(document.body.dataset.now);
    return rendered ? rendered - (performance.timeOrigin + (entry?.responseStart ?? 0)) : 0;
  })();
  const tick = () => {
    const now = Date.now() + skew;
    for (const time of all("time:not([data-clock])")) {
      const text = ago(now - Date.parse(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
    }
  };
  setInterval(tick, 1000);

  function decorate(within) {
    for (const time of all("time", within)) {
      const date = new Date(time.dateTime);
      if (!time.title.includes("\n")) time.title = `${exact.format(date)} (${zone})\n${time.title}`;
      if (time.hasAttribute("data-clock")) time.textContent = clock.format(date);
    }
    for (const name of all("[data-zone]", within)) name.textContent = zone;
    all("[data-chart]", within).forEach(readout);
  }

  // Charts: the value under the pointer, or the one that the arrow keys have reached.
  function readout(chart) {
    const start = Number(chart.dataset.start);
    const step = Number(chart.dataset.step);
    const rows = all("[data-labels]", chart).map((row) => ({
      labels: row.dataset.labels.split("|"),
      output: row.querySelector("output"),
      svg: row.querySelector("svg"),
    }));
    const count = Math.max(...rows.map((row) => row.labels.length));
    const when = chart.querySelector("[data-readout]");
    let index = null;
    const show = (next) => {
      index = next === null ? null : Math.min(count - 1, Math.max(0, next));
      chart.toggleAttribute("data-reading", index !== null);
      when.textContent = index === null ? "" : "at " + clock.format(new Date(start + index * step));
      for (const { labels, output, svg } of rows) {
        output.textContent = labels[index ?? labels.length - 1] ?? "–";
        let cursor = svg.querySelector(".cursor");
        if (index === null) { cursor?.remove(); continue; }
        if (!cursor) {
          cursor = document.createElementNS("http://www.w3.org/2000/svg", "path");
          cursor.setAttribute("class", "cursor");
          svg.append(cursor);
        }
        cursor.setAttribute("d", `M${(index * 600) / Math.max(1, count - 1)} 0V100`);
      }
    };
    chart.addEventListener("pointermove", (event) => {
      const plot = rows[0].svg.getBoundingClientRect();
      show(Math.round(((event.clientX - plot.left) / plot.width) * (count - 1)));
    });
    chart.addEventListener("pointerleave", () => show(null));
    chart.addEventListener("blur", () => show(null));
    chart.addEventListener("keydown", (event) => {
      const at = index ?? count - 1;
      const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1, Escape: null };
      if (!(event.key in moves)) return;
      event.preventDefault();
      show(moves[event.key]);
    });
  }

  // Registration: what the name becomes, what the speed comes to.
  const name = document.querySelector("[data-topic-source]");
  const topic = document.querySelector("[data-topic]");
  name?.addEventListener("input", () => {
    const typed = name.value.replace(/^ +| +$/g, "") || name.placeholder;
    topic.textContent = typed.toLowerCase().replaceAll(" ", "-") + topic.dataset.suffix;
  });
  const speed = document.querySelector("[data-volume-source]");
  const volume = document.querySelector("[data-volume]");
  speed?.addEventListener("input", () => {
    const rate = Number(speed.value || speed.placeholder);
    if (!Number.isFinite(rate) || rate < 0) return;
    const bytes = Number(volume.dataset.bytes);
    let perDay = rate * bytes * 86400;
    let prefix = 0;
    while (perDay >= 999.5 && prefix < 6) { perDay /= 1000; prefix += 1; }
    const digits = Number(perDay.toPrecision(3));
    volume.textContent =
      `${rate.toLocaleString("en")} lines/s of ${bytes} bytes are ${digits}\u00a0${["", "k", "M", "G", "T", "P", "E"][prefix]}B/day.`;
  });

  // Filtering the rows that are here while typing; Enter asks the server for all of them.
  for (const filter of all("[data-filter]")) {
    const rows = all("tbody tr", document.getElementById(filter.dataset.filter) ?? document.createElement("table"));
    const typed = filter.value;
    filter.addEventListener("input", () => {
      const words = filter.value === typed ? [] : filter.value.toLowerCase().split(/\s+/);
      for (const row of rows) {
        const text = row.querySelector("th").textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
    });
  }

  // Menus close on a click elsewhere and on Escape.
  const menus = ".menu, .confirm";
  document.addEventListener("click", (event) => {
    for (const menu of all(menus)) if (menu.open && !menu.contains(event.target)) menu.open = false;
  });

  // Keys.
  const help = document.getElementById("help");
  const places = { a: "/", r: "/register" };
  let pending = false;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help?.showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of all(menus)) if (menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !help) return;
    if (event.target instanceof Element && event.target.closest("input, textarea, select, dialog")) return;
    if (pending && places[event.key]) location.assign(places[event.key]);
    pending = event.key === "g";
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("search")?.focus();
    } else if (event.key === "?") {
      help.showModal();
    }
  });

  decorate(document);
  tick();
})();

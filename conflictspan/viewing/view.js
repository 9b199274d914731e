"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const KINDS = { place: "place", site: "place", state_force: "actor", armed_group: "actor", people: "people", person: "people", organisation: "org", time: "time", count: "count", weapon: "weapon" };
const events = [];
data.reports.forEach((report, index) => report.events.forEach((event) => events.push({ ...event, report: index })));
let shown = data.reports.map((_, index) => index), current = -1, limit = 200;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  element.append(...children.filter((child) => child !== null));
  return element;
}
function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
function fill(select, values) {
  const counts = new Map();
  values.forEach((value) => value && counts.set(value, (counts.get(value) || 0) + 1));
  [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 500).forEach(([value, count]) => select.append(make("option", { value }, `${value} (${count})`)));
}
const actors = (event) => [event.a, event.b].filter(Boolean).map((side) => side.name);
fill($("type"), events.map((event) => event.type));
fill($("place"), events.flatMap((event) => [event.country, event.place].filter(Boolean)));
fill($("actor"), events.flatMap(actors));
fill($("source"), events.flatMap((event) => event.sources));

function fits(event) {
  const day = $("from").value, last = $("to").value, score = Number($("score").value) / 100;
  return (!$("type").value || event.type === $("type").value)
    && (!$("place").value || event.place === $("place").value || event.country === $("place").value)
    && (!$("actor").value || actors(event).includes($("actor").value))
    && (!$("source").value || event.sources.includes($("source").value))
    && (!$("disputed").checked || event.disputed)
    && (!day || (event.end || event.start || "") >= day) && (!last || (event.start && event.start <= last))
    && (event.score === null || event.score >= score);
}
const isFiltered = () => ["type", "place", "actor", "source", "from", "to"].some((id) => $(id).value) || $("disputed").checked || Number($("score").value) > 0;

function update() {
  const word = $("word").value.toLowerCase(), filtered = isFiltered();
  const kept = events.filter(fits), having = new Set(kept.map((event) => event.report));
  shown = data.reports.map((_, index) => index).filter((index) => {
    const report = data.reports[index];
    return (!filtered || having.has(index)) && (!word || report.text.toLowerCase().includes(word) || report.id.toLowerCase().includes(word));
  });
  limit = 200;
  list(); timeline(kept); map(kept);
  $("count").textContent = `${shown.length} of ${data.reports.length} reports, ${kept.length} of ${events.length} events`;
  if (!shown.includes(current)) open(shown.length ? shown[0] : -1);
}
function list() {
  const rows = shown.slice(0, limit).map((index) => {
    const report = data.reports[index];
    const button = make("button", { type: "button", "data-index": index, "aria-current": String(index === current) },
      make("strong", {}, report.title || report.id), make("br"), make("small", {}, [report.published || "no date", `${report.events.length} events`, report.events.some((e) => e.disputed) ? "disputed" : null].filter(Boolean).join(" · ")));
    return make("li", {}, button);
  });
  if (shown.length > limit) rows.push(make("li", {}, make("button", { type: "button", id: "more" }, `${shown.length - limit} more`)));
  $("list").replaceChildren(...rows);
}
function open(index, focus = false) {
  current = index;
  document.querySelectorAll("#list button").forEach((button) => button.setAttribute("aria-current", String(Number(button.dataset.index) === index && button.id !== "more")));
  if (index < 0) { $("report").replaceChildren(make("p", {}, "No report fits.")); return; }
  const report = data.reports[index];
  const cards = report.events.map(card);
  $("report").replaceChildren(make("h2", { tabindex: -1, id: "title" }, `${report.title || report.id}${report.published ? ", " + report.published : ""}`), text(report), make("h2", {}, `Events (${cards.length})`), ...cards);
  if (focus) { $("title").focus(); }
}
function text(report) {
  const box = make("div", { id: "text" }), points = Array.from(report.text);
  let last = 0;
  report.mentions.forEach(([id, start, end, type, status, score]) => {
    if (start < last) return;
    box.append(points.slice(last, start).join(""));
    const kind = KINDS[data.kinds[type]] || "event";
    box.append(make("mark", { "data-id": id, class: [kind, status].filter(Boolean).join(" "), tabindex: 0, title: [type, status, score === null ? null : `score ${score}`].filter(Boolean).join(", ") }, points.slice(start, end).join("")));
    last = end;
  });
  box.append(points.slice(last).join(""));
  box.append(draw("svg", { id: "arcs", "aria-hidden": "true" }));
  const light = (event) => { const mark = event.target.closest && event.target.closest("mark"); arcs(box, report, mark ? mark.dataset.id : null); };
  ["mouseover", "focusin"].forEach((name) => box.addEventListener(name, light));
  ["mouseleave", "focusout"].forEach((name) => box.addEventListener(name, () => arcs(box, report, null)));
  return box;
}
function arcs(box, report, id) {
  const svg = box.querySelector("#arcs"), origin = box.getBoundingClientRect(), marks = new Map([...box.querySelectorAll("mark")].map((mark) => [mark.dataset.id, mark]));
  svg.replaceChildren(); marks.forEach((mark) => mark.classList.remove("lit"));
  if (!id) return;
  report.relations.filter(([head, , tail]) => head === id || tail === id).forEach(([head, label, tail]) => {
    const ends = [marks.get(head), marks.get(tail)];
    if (!ends[0] || !ends[1]) return;
    ends.forEach((mark) => mark.classList.add("lit"));
    const [a, b] = ends.map((mark) => { const r = mark.getClientRects()[0]; return [r.left + r.width / 2 - origin.left, r.top - origin.top]; });
    const top = Math.min(a[1], b[1]) - 14;
    svg.append(draw("path", { d: `M${a[0]},${a[1]}C${a[0]},${top} ${b[0]},${top} ${b[0]},${b[1]}` }), draw("text", { x: (a[0] + b[0]) / 2, y: top + 4, "text-anchor": "middle" }, label));
  });
}
const amount = ([low, best, high]) => best !== null && low === high ? String(best) : best !== null ? `${best} (${low === null ? "" : "at least " + low}${low !== null && high !== null ? ", " : ""}${high === null ? "" : "at most " + high})`.replace(" ()", "") : low !== null || high !== null ? `${low === null ? "" : low} to ${high === null ? "" : high}` : null;
function pairs(rows) {
  return make("dl", {}, ...rows.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}
const side = (s) => s && [s.name, s.class, s.allies.length ? `with ${s.allies.join(", ")}` : null].filter(Boolean).join("; ");
function card(event) {
  const claims = event.claims.map((claim) => make("div", { class: "claim" }, make("strong", {}, claim.source || "the report itself"), pairs([["says", claim.says.map(([type, status, words]) => `${words} (${type}${status === "asserted" ? "" : ", " + status})`).join("; ")], ["killed", amount(claim.killed)], ["injured", amount(claim.injured)]])));
  return make("section", { class: event.disputed ? "card disputed" : "card" },
    make("h3", {}, `${event.trigger}: ${event.type || "no ACLED type"}${event.sub ? " / " + event.sub : ""}${event.status === "asserted" ? "" : ` (${event.status})`}`, event.disputed ? make("span", { class: "badge" }, " disputed") : null),
    pairs([["side a", side(event.a)], ["side b", side(event.b)], ["where", [event.place, event.admin, event.country, event.prec && `precision ${event.prec}`].filter(Boolean).join(", ")],
      ["could be", event.candidates.join("; ")], ["when", event.start || event.end ? `${event.start || "…"} to ${event.end || "…"}${event.dateprec ? `, precision ${event.dateprec}` : ""}` : event.unresolved && `not resolved: ${event.unresolved}`],
      ["weapons", event.weapons.join(", ")], ["killed", amount(event.killed)], ["injured", amount(event.injured)], ["disputed", event.disputes.join("; ")], ["score", event.score === null ? null : String(event.score)]]),
    claims.length ? make("div", { class: "claims" }, ...claims) : null);
}
function periods(first, last) { // every day, month or year from the first to the last: a gap in the news is a gap in the picture
  const parts = first.split("-").map(Number), keys = [];
  for (let i = 0; i < 4000; i += 1) {
    const [year, month, day] = [parts[0], parts[1] || 1, parts[2] || 1];
    const date = new Date(Date.UTC(parts.length === 1 ? year + i : year, month - 1 + (parts.length === 2 ? i : 0), day + (parts.length === 3 ? i : 0)));
    keys.push(date.toISOString().slice(0, first.length));
    if (keys[i] >= last) break;
  }
  return keys;
}
function timeline(kept) {
  const svg = $("timeline"), days = kept.filter((event) => event.start).map((event) => event.start);
  svg.replaceChildren();
  if (!days.length) { svg.append(draw("text", { x: 150, y: 60, class: "axis", "text-anchor": "middle" }, "no dated events")); return; }
  const first = days.reduce((a, b) => a < b ? a : b), last = days.reduce((a, b) => a > b ? a : b);
  const length = first.slice(0, 7) === last.slice(0, 7) ? 10 : Number(last.slice(0, 4)) - Number(first.slice(0, 4)) > 4 ? 4 : 7;
  const bins = new Map();
  days.forEach((day) => bins.set(day.slice(0, length), (bins.get(day.slice(0, length)) || 0) + 1));
  const keys = periods(first.slice(0, length), last.slice(0, length)), high = keys.reduce((most, key) => Math.max(most, bins.get(key) || 0), 1), width = 290 / keys.length;
  keys.forEach((key, i) => {
    if (!bins.has(key)) return;
    const tall = 85 * bins.get(key) / high, bar = draw("rect", { class: "bar", x: 5 + i * width, y: 95 - tall, width: Math.max(width - 1, .5), height: tall });
    bar.append(draw("title", {}, `${key}: ${bins.get(key)} events`));
    bar.addEventListener("click", () => { $("from").value = (key + "-01-01").slice(0, 10); $("to").value = length === 4 ? key + "-12-31" : length === 7 ? key + "-" + String(new Date(Number(key.slice(0, 4)), Number(key.slice(5, 7)), 0).getDate()).padStart(2, "0") : key; update(); });
    svg.append(bar);
  });
  svg.append(draw("text", { x: 5, y: 112, class: "axis" }, keys[0]), draw("text", { x: 295, y: 112, class: "axis", "text-anchor": "end" }, keys[keys.length - 1]));
}
function map(kept) {
  const places = new Map();
  kept.filter((event) => event.lat !== null).forEach((event) => { const key = `${event.lat},${event.lon}`; const spot = places.get(key) || { ...event, n: 0 }; spot.n += 1; places.set(key, spot); });
  const dots = [...places.values()].sort((a, b) => b.n - a.n).slice(0, 3000);
  const xs = dots.map((d) => d.lon), ys = dots.map((d) => -d.lat);
  const box = dots.length ? [Math.min(...xs) - 6, Math.min(...ys) - 4, Math.max(Math.max(...xs) - Math.min(...xs) + 12, 24), Math.max(Math.max(...ys) - Math.min(...ys) + 8, 16)] : [-180, -85, 360, 145];
  $("map").setAttribute("viewBox", box.join(" "));
  const size = Math.max(box[2], box[3]) / 120;
  $("dots").replaceChildren(...dots.map((d) => {
    const dot = draw("circle", { class: "dot", cx: d.lon, cy: -d.lat, r: size * (1 + Math.sqrt(d.n) / 2) });
    dot.append(draw("title", {}, `${d.place}: ${d.n} events`));
    dot.addEventListener("click", () => { const known = [...$("place").options].some((o) => o.value === d.place); if (!known) $("place").append(make("option", { value: d.place }, d.place)); $("place").value = d.place; update(); });
    return dot;
  }));
}
$("filters").addEventListener("input", update);
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("filters").addEventListener("reset", () => setTimeout(update));
$("list").addEventListener("click", (event) => { const button = event.target.closest("button"); if (!button) return; if (button.id === "more") { limit += 500; list(); } else open(Number(button.dataset.index), true); });
document.addEventListener("keydown", (event) => {
  if (["INPUT", "SELECT"].includes(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const next = shown[shown.indexOf(current) + step];
  if (next !== undefined) open(next, true);
});
update();
document.documentElement.dataset.opened = String(Math.round(performance.now())); // milliseconds, for whoever measures

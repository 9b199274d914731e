"use strict";
// The browser of errors: filters, pages, cards. Texts come from reports and are hostile: they reach the page through
// textContent alone. sentenceView comes from page_sentence.js.
(() => {
  const { make, sentence, layOut } = sentenceView;
  const PAGE = 20;
  const ANY = "";
  const NONE = "none";
  const data = JSON.parse(document.getElementById("error-data").textContent);
  const byId = (id) => document.getElementById(id);
  const [list, kind, gold, predicted, text] = ["list", "kind", "gold", "predicted", "text"].map(byId);
  const cards = byId("cards");
  const haystacks = data.excerpts.map((excerpt) => `${excerpt.report}\n${excerpt.text}`.toLowerCase());
  let found = [];
  let first = 0;

  // ---- filters

  const labelOf = (side) => (side ? side.label : NONE);

  function fill(select, titles, values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
    const known = [...titles.keys()].filter((value) => counts.has(value));
    const all = make("option", "", "any");
    all.value = ANY;
    select.replaceChildren(all, ...known.map((value) => {
      const option = make("option", "", `${titles.get(value)} (${counts.get(value)})`);
      option.value = value;
      return option;
    }));
  }

  // Labels by the alphabet, none last.
  function names(values) {
    const sorted = [...new Set(values)].sort((a, b) => (a === NONE) - (b === NONE) || (a < b ? -1 : 1));
    return new Map(sorted.map((value) => [value, value]));
  }

  function openList(title) {
    list.value = title;
    const current = data.lists.find((one) => one.title === title);
    const golds = current.errors.map((error) => labelOf(error.gold));
    const predictions = current.errors.map((error) => labelOf(error.predicted));
    fill(kind, new Map(Object.entries(current.kinds)), current.errors.map((error) => error.kind));
    fill(gold, names(golds), golds);
    fill(predicted, names(predictions), predictions);
  }

  // Show the errors behind a number of the tables above; behind one of right answers there are none.
  function choose(title, values) {
    openList(title);
    for (const [select, value] of values) {
      if (![...select.options].some((option) => option.value === value)) {
        const option = make("option", "", `${value} (0)`);
        option.value = value;
        select.append(option);
      }
      select.value = value;
    }
    text.value = "";
    filter();
    byId("filters").scrollIntoView({ block: "start" });
    list.focus({ preventScroll: true });
  }

  function filter() {
    const current = data.lists.find((one) => one.title === list.value);
    const wanted = text.value.trim().toLowerCase();
    found = current.errors.filter((error) =>
      (kind.value === ANY || error.kind === kind.value)
      && (gold.value === ANY || labelOf(error.gold) === gold.value)
      && (predicted.value === ANY || labelOf(error.predicted) === predicted.value)
      && (!wanted || haystacks[error.excerpt].includes(wanted)));
    show(0);
  }

  function show(start) {
    first = start;
    const current = data.lists.find((one) => one.title === list.value);
    const shown = found.slice(first, first + PAGE);
    cards.start = first + 1;
    cards.replaceChildren(...shown.map((error) => card(error, current)));
    byId("shown").textContent = found.length
      ? `${first + 1}–${first + shown.length} of ${found.length} error${found.length === 1 ? "" : "s"}`
      : "No such errors";
    for (const button of document.querySelectorAll("[data-step]")) {
      const next = first + PAGE * Number(button.dataset.step);
      button.disabled = next < 0 || next >= found.length;
    }
    layOutCards();
  }

  const layOutCards = () => layOut([...cards.querySelectorAll(".sentence")], found.slice(first, first + PAGE));

  // ---- one error

  function card(error, current) {
    const excerpt = data.excerpts[error.excerpt];
    const points = Array.from(excerpt.text, (sign) => (/[\u0000-\u001f\u007f-\u009f]/.test(sign) ? " " : sign));
    const item = make("li", "card");
    const head = make("h3", "", current.kinds[error.kind]);
    head.append(make("span", "quiet", `${excerpt.report}, ${excerpt.start}–${excerpt.start + points.length}`));
    item.append(head, make("p", "reader", points.join("")), sentence(error, excerpt, points));
    const facts = make("dl", "facts");
    for (const side of ["gold", "predicted"]) {
      if (error[side]) facts.append(make("dt", side, side), fact(error[side], excerpt, points, excerpt[side]));
    }
    if (error.note) facts.append(make("dt", "other", "why"), make("dd", "", error.note));
    item.append(facts);
    return item;
  }

  function fact(side, excerpt, points, mentions) {
    const words = side.spans.map((index) => `“${points.slice(mentions[index][0], mentions[index][1]).join("")}”`);
    const offset = (number) => excerpt.start + number;
    const places = side.spans.map((index) => `${offset(mentions[index][0])}–${offset(mentions[index][1])}`);
    const score = side.score === null ? "" : `, score ${side.score.toFixed(2)}`;
    const status = side.spans.length === 1 && mentions[side.spans[0]][3] ? ` ${mentions[side.spans[0]][3]}` : "";
    const said = make("dd");
    const [head, tail] = words.map((word) => make("bdi", "", word));
    if (tail) said.append(head, ` ${side.label} → `, tail);
    else said.append(`${side.label}${status} `, head);
    said.append(" ", make("span", "quiet", places.join(", ") + score));
    return said;
  }

  // ---- events

  byId("filters").addEventListener("input", (event) => {
    if (event.target === list) openList(list.value);
    filter();
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", (event) => {
    event.preventDefault();
    text.value = "";
    openList(list.value);
    filter();
  });
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    const shortcut = event.target.closest("button[data-kind]");
    const cell = event.target.closest("td[data-gold]");
    if (step) {
      show(first + PAGE * Number(step.dataset.step));
      cards.focus({ preventScroll: true });
      byId("shown").parentElement.scrollIntoView({ block: "start" });
    } else if (shortcut) {
      choose(shortcut.dataset.list, [[kind, shortcut.dataset.kind]]);
    } else if (cell) {
      choose(cell.closest("table").dataset.list, [[gold, cell.dataset.gold], [predicted, cell.dataset.predicted]]);
    }
  });

  if (!data.lists.length) return;
  list.replaceChildren(...data.lists.map((one) => {
    const option = make("option", "", `${one.title} (${one.errors.length})`);
    option.value = one.title;
    return option;
  }));
  openList(data.lists[0].title);
  for (const hidden of document.querySelectorAll("#errors > [hidden]")) hidden.hidden = false;
  filter();
  let width = cards.clientWidth;
  new ResizeObserver(() => {
    if (cards.clientWidth === width) return;
    width = cards.clientWidth;
    layOutCards();
  }).observe(cards);
})();

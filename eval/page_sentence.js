"use strict";
// One sentence with its gold spans above the words, the predicted ones below them, and an arc for a relation.
const sentenceView = (() => {
  const LANE = 11; // px from a span's row to its arc
  const LONGEST = 24; // code points of a word that may not be broken
  const AROUND = 500; // code points that are drawn on both sides of an error

  function make(tag, className, content) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (content !== undefined) element.textContent = content;
    return element;
  }

  function draw(tag, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  // The sentence as a row of pieces, each a stretch of one word inside the same gold and the same predicted span:
  // the gold row above the word, the predicted row below it. Readers of screens get the plain sentence instead.
  function sentence(error, excerpt, points) {
    const box = make("div", "sentence");
    box.setAttribute("aria-hidden", "true");
    box.dir = /^[^A-Za-z\u00c0-\u024f]*[\u0590-\u08ff\ufb1d-\ufefc]/.test(excerpt.text) ? "rtl" : "ltr";
    const at = { gold: covers(excerpt.gold, points.length), predicted: covers(excerpt.predicted, points.length) };
    const [from, to] = drawn(error, excerpt, points.length);
    if (from > 0) box.append("… ");
    let word = null;
    let length = 0;
    for (let start = from, end; start < to; start = end) {
      const blank = points[start].trim() === "";
      end = pieceEnd(points, at, start, blank);
      if (blank && at.gold[start] < 0 && at.predicted[start] < 0) {
        box.append(" ");
      } else {
        if (!word || length > LONGEST) {
          word = make("span", "word");
          length = 0;
          box.append(word);
        }
        length += end - start;
        word.append(piece(error, excerpt, points, at, start, end));
      }
      if (blank) word = null;
    }
    if (to < points.length) box.append(" …");
    return box;
  }

  // A sentence of thousands of words is drawn around the error only.
  function drawn(error, excerpt, length) {
    const sides = ["gold", "predicted"].filter((side) => error[side]);
    const spans = sides.flatMap((side) => error[side].spans.map((index) => excerpt[side][index]));
    const first = Math.min(...spans.map(([start]) => start)) - AROUND;
    const last = Math.max(...spans.map(([, end]) => end)) + AROUND;
    return [Math.max(0, first), Math.min(length, last)];
  }

  function covers(mentions, length) {
    const at = new Int32Array(length).fill(-1);
    mentions.forEach(([start, end], index) => at.fill(index, start, end));
    return at;
  }

  function pieceEnd(points, at, start, blank) {
    let end = start + 1;
    while (end < points.length && end - start < LONGEST && (points[end].trim() === "") === blank
      && at.gold[end] === at.gold[start] && at.predicted[end] === at.predicted[start]) end += 1;
    return end;
  }

  function piece(error, excerpt, points, at, start, end) {
    const element = make("span", "piece");
    const rows = ["gold", "predicted"].map((side) => {
      const index = at[side][start];
      const tag = make("span", "tag blank");
      if (index < 0) return tag;
      const [from, to, type, status] = excerpt[side][index];
      const focus = error[side] !== null && error[side].spans.includes(index);
      tag.className = `tag ${focus ? side : "other"}`;
      if (start === from) {
        const label = status ? `${type} ${status}` : type;
        tag.classList.add("first");
        tag.append(make("b", "", label));
      }
      if (end === to) tag.classList.add("last");
      element.dataset[side] = index;
      if (focus) element.classList.add("focus");
      if (focus && start === from && isArc(error[side])) element.classList.add(`lane-${side}`);
      return tag;
    });
    element.append(rows[0], make("span", "", points.slice(start, end).join("")), rows[1]);
    return element;
  }

  const isArc = (side) => side !== null && side.spans.length === 2;

  // What depends on where the lines break: room for the labels, and the arcs. One error for each box.
  function layOut(boxes, errors) {
    for (const box of boxes) {
      for (const piece of box.querySelectorAll(".piece")) piece.style.minWidth = "";
      for (const word of box.querySelectorAll(".on-next-line")) word.classList.remove("on-next-line");
      for (const old of box.querySelectorAll("svg")) old.remove();
    }
    // Each step can move what follows to another line, so look again.
    for (let round = 0, moved = true; moved && round < 3; round += 1) {
      const narrow = boxes.flatMap(crowded);
      for (const [piece, width] of narrow) {
        piece.style.minWidth = `${Math.max(width, parseFloat(piece.style.minWidth) || 0)}px`;
      }
      const over = boxes.flatMap(outside).filter((word) => !word.classList.contains("on-next-line"));
      for (const word of over) word.classList.add("on-next-line");
      moved = narrow.length + over.length > 0;
    }
    boxes.forEach((box, place) => {
      const error = errors[place];
      const svg = draw("svg", { width: box.scrollWidth, height: box.scrollHeight });
      for (const side of ["gold", "predicted"]) {
        if (isArc(error[side])) svg.append(...arc(box, side, error[side]));
      }
      if (svg.childNodes.length) box.append(svg);
    });
  }

  const sameLine = (one, other) => Math.abs(one.top - other.top) < 2;

  // The labels of a box, row by row: [side, element, its place].
  function labels(box) {
    return [["gold", ":first-child"], ["predicted", ":last-child"]].map(([side, row]) =>
      [...box.querySelectorAll(`.tag${row} b`)].map((label) => [side, label, label.getBoundingClientRect()]));
  }

  // The pieces of a span that stand in its first line, each with its place.
  function firstLine(box, side, index) {
    const pieces = [...box.querySelectorAll(`[data-${side}="${index}"]`)].map((p) => [p, p.getBoundingClientRect()]);
    return pieces.filter(([, rect]) => sameLine(rect, pieces[0][1]));
  }

  // Words whose label hangs out of the box at the end of a line.
  function outside(box) {
    const frame = box.getBoundingClientRect();
    const over = labels(box).flat().filter(([, , rect]) => rect.left < frame.left || rect.right > frame.right);
    return over.map(([, label]) => label.closest(".word"));
  }

  // Spans whose label runs into the next one of its row, or, if the error is about the span, out of it: the last piece
  // of each and the px it needs.
  function crowded(box) {
    const beyond = (rect, edge) => (box.dir === "rtl" ? edge - rect.left : rect.right - edge);
    const [near, far] = box.dir === "rtl" ? ["right", "left"] : ["left", "right"];
    return labels(box).flatMap((row) => row.flatMap(([side, label, rect], place) => {
      const line = firstLine(box, side, label.closest(".piece").dataset[side]);
      const [piece, end] = line[line.length - 1];
      const next = place + 1 < row.length ? row[place + 1][2] : null;
      const meets = next && sameLine(rect, next) ? beyond(rect, next[near]) + 8 : 0;
      const leaves = label.parentElement.classList.contains("other") ? 0 : beyond(rect, end[far]) + 4;
      const lacking = Math.max(meets, leaves);
      return lacking > 0.5 ? [[piece, end.width + lacking]] : [];
    }));
  }

  // From the head's row out to the lane, along it, and back to the tail's row with a tip. Over lines of the wrapped
  // sentence the arc leaves by the end of the upper line and comes back at the start of the lower one.
  function arc(box, side, relation) {
    const frame = box.getBoundingClientRect();
    const away = side === "gold" ? -1 : 1;
    const [head, tail] = relation.spans.map((index) => {
      const line = firstLine(box, side, index).map(([, rect]) => rect);
      const left = Math.min(...line.map((rect) => rect.left));
      const right = Math.max(...line.map((rect) => rect.right));
      const y = (side === "gold" ? line[0].top : line[0].bottom) - frame.top;
      return { x: (left + right) / 2 - frame.left + box.scrollLeft, y };
    });
    const parts = [];
    let middle;
    if (Math.abs(head.y - tail.y) < 2) {
      const lane = head.y + away * LANE;
      const turn = Math.min(6, Math.abs(tail.x - head.x) / 2) * Math.sign(tail.x - head.x);
      const up = `M${head.x},${head.y} Q${head.x},${lane} ${head.x + turn},${lane}`;
      parts.push(`${up} H${tail.x - turn} Q${tail.x},${lane} ${tail.x},${tail.y}`);
      middle = { x: (head.x + tail.x) / 2, y: lane };
    } else {
      const rtl = box.dir === "rtl";
      const width = box.clientWidth;
      const halves = [head, tail].map((end, place) => {
        const upper = end.y < [tail, head][place].y;
        const edge = upper === !rtl ? width : 0;
        const lane = end.y + away * LANE;
        const turn = 6 * Math.sign(edge - end.x);
        parts.push(`M${end.x},${end.y} Q${end.x},${lane} ${end.x + turn},${lane} H${edge}`);
        return { length: Math.abs(edge - end.x), x: (end.x + edge) / 2, y: lane };
      });
      middle = halves[0].length > halves[1].length ? halves[0] : halves[1];
    }
    const half = relation.label.length * 3.6;
    const x = Math.max(half, Math.min(middle.x, box.scrollWidth - half));
    const label = draw("text", { x, y: middle.y + 3.5, class: side });
    label.textContent = relation.label;
    const tip = `M${tail.x},${tail.y} l-4,${away * 6} h8 z`;
    const lines = parts.map((d) => draw("path", { d, class: side }));
    return [...lines, draw("path", { d: tip, class: `tip ${side}` }), label];
  }

  return { make, sentence, layOut };
})();

// Ornaments of a page that works without them: exact values under the pointer, dragging to zoom,
// stepping with the keyboard, copying, and forms that need no button.
"use strict";

(() => {
  const DAY_MS = 86400000;

  const dayOf = (text) => Date.parse(text + "T00:00:00Z") / DAY_MS;
  const textOf = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);

  // What stands behind a chart: the rows of its table, by their first day.
  const rowsOf = (figure) =>
    [...figure.querySelectorAll("table.behind tbody tr")].map((row) => ({
      first: dayOf(row.dataset.first),
      last: dayOf(row.dataset.last || row.dataset.first),
      cells: [...row.cells].map((cell) => cell.textContent.trim()),
    }));

  const headOf = (figure) =>
    [...figure.querySelectorAll("table.behind thead th")].map((cell) => cell.textContent.trim());

  class Crosshair {
    constructor(figure, svg) {
      this.figure = figure;
      this.svg = svg;
      this.rows = rowsOf(figure);
      this.head = headOf(figure);
      this.left = Number(svg.dataset.plotLeft);
      this.width = Number(svg.dataset.plotWidth);
      this.top = Number(svg.dataset.plotTop || 0);
      this.height = Number(svg.dataset.plotHeight || svg.viewBox.baseVal.height);
      this.first = dayOf(svg.dataset.first);
      this.days = dayOf(svg.dataset.last) - this.first + 1;
      this.at = -1;
      this.from = null;
      this.told = figure.querySelector("output.told");
      this.line = this.shape("crosshair");
      this.band = this.shape("selection");
      svg.tabIndex = 0;
      svg.addEventListener("pointermove", (event) => this.move(event));
      svg.addEventListener("pointerleave", () => this.leave());
      svg.addEventListener("pointerdown", (event) => this.press(event));
      svg.addEventListener("pointerup", (event) => this.release(event));
      svg.addEventListener("pointercancel", () => this.drop());
      svg.addEventListener("keydown", (event) => this.key(event));
      svg.addEventListener("blur", () => this.leave());
    }

    shape(name) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("class", name);
      rect.setAttribute("y", this.top);
      rect.setAttribute("height", this.height);
      rect.setAttribute("width", 0);
      this.svg.append(rect);
      return rect;
    }

    // The day under the pointer, as a fraction of days since the first.
    place(event) {
      const box = this.svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * this.svg.viewBox.baseVal.width;
      return Math.min(Math.max(((x - this.left) / this.width) * this.days, 0), this.days - 0.001);
    }

    x(days) {
      return this.left + (days / this.days) * this.width;
    }

    find(days) {
      const day = this.first + Math.floor(days);
      return this.rows.findIndex((row) => row.first <= day && day <= row.last);
    }

    show(at) {
      if (at < 0 || at >= this.rows.length) {
        return;
      }
      this.at = at;
      const row = this.rows[at];
      const middle = this.x((row.first + row.last + 1) / 2 - this.first);
      this.line.setAttribute("x", middle - 0.5);
      this.line.setAttribute("width", 1);
      this.told.textContent = row.cells
        .map((cell, column) => (column === 0 ? cell : `${this.head[column]} ${cell || "–"}`))
        .join("  ·  ");
      this.told.hidden = false;
    }

    leave() {
      if (this.from === null) {
        this.line.setAttribute("width", 0);
        this.told.hidden = true;
        this.at = -1;
      }
    }

    move(event) {
      const place = this.place(event);
      this.show(this.find(place));
      if (this.from !== null) {
        this.mark(place);
      }
    }

    mark(place) {
      const [first, last] = [Math.min(this.from, place), Math.max(this.from, place)];
      this.band.setAttribute("x", this.x(first));
      this.band.setAttribute("width", Math.max(this.x(last) - this.x(first), 0));
    }

    press(event) {
      if (event.button !== 0 || event.target.closest("a")) {
        return;
      }
      this.from = this.place(event);
      this.svg.setPointerCapture(event.pointerId);
    }

    release(event) {
      if (this.from === null) {
        return;
      }
      const [from, to] = [this.from, this.place(event)];
      this.drop();
      // A click is no drag.
      if (Math.abs(this.x(to) - this.x(from)) > 6) {
        this.zoom(Math.min(from, to), Math.max(from, to));
      }
    }

    drop() {
      this.from = null;
      this.band.setAttribute("width", 0);
    }

    zoom(from, to) {
      const url = new URL(location.href);
      const range = `${textOf(this.first + Math.floor(from))}..${textOf(this.first + Math.floor(to))}`;
      url.searchParams.set("range", range);
      for (const name of ["from", "to", "page"]) {
        url.searchParams.delete(name);
      }
      location.assign(url);
    }

    key(event) {
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7 };
      const last = this.rows.length - 1;
      if (event.key in steps) {
        const from = this.at < 0 ? (steps[event.key] < 0 ? last + 1 : -1) : this.at;
        this.show(Math.min(Math.max(from + steps[event.key], 0), last));
      } else if (event.key === "Home") {
        this.show(0);
      } else if (event.key === "End") {
        this.show(last);
      } else if (event.key === "Escape") {
        this.drop();
        this.leave();
      } else if (event.key === "Enter" && this.at >= 0 && event.target === this.svg) {
        // Marks the beginning, and the next time the end, of what is looked at closely.
        const row = this.rows[this.at];
        if (this.from === null) {
          this.from = row.first - this.first;
          this.mark(row.last + 1 - this.first);
        } else {
          const ends = [this.from, row.first - this.first, row.last - this.first];
          this.drop();
          this.zoom(Math.min(...ends), Math.max(...ends));
        }
      } else {
        return;
      }
      event.preventDefault();
    }
  }

  for (const figure of document.querySelectorAll("figure.chart")) {
    for (const svg of figure.querySelectorAll("svg[data-plot-width]")) {
      new Crosshair(figure, svg);
    }
  }

  for (const field of document.querySelectorAll("form.at-once select, form.at-once input[type=checkbox]")) {
    field.addEventListener("change", () => field.form.requestSubmit());
  }

  for (const field of document.querySelectorAll("input[data-previews]")) {
    const place = document.getElementById("preview");
    let waiting = 0;
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        const url = new URL(field.dataset.previews, location.href);
        url.searchParams.set(field.name, field.value);
        const answer = field.value.trim() === "" ? null : await fetch(url);
        place.innerHTML = answer && answer.ok ? await answer.text() : "";
      }, 250);
    });
  }

  for (const button of document.querySelectorAll("button[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    if (field && navigator.clipboard) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(field.value);
        button.textContent = "Copied";
      });
    }
  }
})();

// Conditions and actions as rows of choices. The text field under them holds the JSON that is sent: the rows are drawn
// from it and written back into it, and who prefers to write it as text can.
"use strict";
{
  const MODES = { all: "all", any: "any", none: "any", not_all: "all" };
  const DEEPEST = 2; // groups within groups that are offered; more of them can be written as text

  class Unreadable extends Error {}

  function el(tag, properties = {}, ...children) {
    const { dataset = {}, aria, ...rest } = properties;
    const node = Object.assign(document.createElement(tag), rest);
    Object.assign(node.dataset, dataset);
    if (aria) node.setAttribute("aria-label", aria);
    node.append(...children.filter(Boolean));
    return node;
  }

  // A select over [key, label]; `take` gets the key as it was given, a number as a number.
  function choice(label, options, current, take, placeholder) {
    const known = options.findIndex(([key]) => String(key) === String(current));
    const select = el("select", { aria: label, className: "rows__field" });
    if (known < 0) select.append(el("option", { value: "", textContent: placeholder, selected: true }));
    options.forEach(([, name], at) => select.append(el("option", { value: at, textContent: name, selected: at === known })));
    select.addEventListener("change", () => select.value !== "" && take(options[Number(select.value)][0]));
    return select;
  }

  function several(label, options, current, take) {
    const chosen = new Set((Array.isArray(current) ? current : [current]).map(String));
    const select = el("select", { aria: label, className: "rows__field", multiple: true, size: Math.min(options.length, 5) });
    options.forEach(([key, name], at) =>
      select.append(el("option", { value: at, textContent: name, selected: chosen.has(String(key)) })),
    );
    select.addEventListener("change", () => take([...select.selectedOptions].map((one) => options[Number(one.value)][0])));
    return select;
  }

  function typed(label, type, current, take) {
    const field = el(type === "long" ? "textarea" : "input", { aria: label, className: "rows__field", value: current ?? "" });
    if (type === "long") field.rows = 3;
    else Object.assign(field, { type, step: "any" });
    field.addEventListener("input", () => take(type === "number" ? (field.value === "" ? null : Number(field.value)) : field.value));
    return field;
  }

  function button(label, press, { small = "", sign = "" } = {}) {
    const node = el("button", { type: "button", className: `rows__button ${small}`, textContent: sign || label });
    if (sign) node.setAttribute("aria-label", label);
    node.addEventListener("click", press);
    return node;
  }

  // ── conditions ──
  // Within the page a group is {mode, rows}, so that "none" and "not all" are modes as "all" and "any" are.
  function groupOf(condition) {
    if (!condition || Object.keys(condition).length === 0) return { mode: "all", rows: [] };
    if ("fact" in condition) return { mode: "all", rows: [condition] };
    const inner = "not" in condition ? condition.not : condition;
    if (inner !== condition && (!inner || "fact" in inner || "not" in inner)) return { mode: "none", rows: [rowOf(inner)] };
    const name = "all" in inner ? "all" : "any";
    if (!Array.isArray(inner[name])) throw new Unreadable();
    const mode = inner === condition ? name : { all: "not_all", any: "none" }[name];
    return { mode, rows: inner[name].map(rowOf) };
  }

  const rowOf = (condition) => (condition && "fact" in condition ? { ...condition } : groupOf(condition));

  function conditionOf(group) {
    const rows = group.rows.map((row) => ("mode" in row ? conditionOf(row) : row)).filter((row) => Object.keys(row).length);
    if (!rows.length) return {};
    const inner = { [MODES[group.mode]]: rows };
    return group.mode in inner ? inner : { not: inner };
  }

  class Conditions {
    constructor(editor) {
      this.editor = editor;
    }

    read(written) {
      this.root = groupOf(written || {});
      const facts = (group) => group.rows.flatMap((row) => ("mode" in row ? facts(row) : [row.fact]));
      if (facts(this.root).some((name) => name && !this.fact(name))) throw new Unreadable();
    }

    written = () => conditionOf(this.root);
    fact = (name) => this.editor.offers.find((one) => one.code === name);
    draw = () => [this.group(this.root, 0)];

    group(group, depth, remove) {
      const { words, changed } = this.editor;
      const modes = Object.keys(MODES).map((mode) => [mode, words[mode]]);
      const mode = choice(words.group, modes, group.mode, (chosen) => ((group.mode = chosen), changed()));
      const rows = group.rows.map((row, at) => {
        const drop = () => (group.rows.splice(at, 1), this.editor.redraw());
        return "mode" in row ? this.group(row, depth + 1, drop) : this.comparison(row, drop);
      });
      const add = (row) => () => (group.rows.push(row()), this.editor.redraw(true));
      return el(
        "fieldset", { className: "rows__group", dataset: { depth } },
        el("legend", {}, el("span", { textContent: `${words.group} ` }), mode, remove && button(words.remove, remove, { small: "rows__button--sign", sign: "×" })),
        ...rows,
        depth === 0 && !rows.length && el("p", { className: "rows__help", textContent: words.always }),
        el(
          "p", { className: "rows__adds" },
          button(words.add_condition, add(() => this.blank(this.editor.offers[0].code))),
          depth < DEEPEST && button(words.add_group, add(() => ({ mode: "any", rows: [this.blank(this.editor.offers[0].code)] }))),
        ),
      );
    }

    blank(name) {
      const fact = this.fact(name);
      const first = { flag: true, number: 0, text: "" }[fact.kind] ?? fact.choices[0]?.[0] ?? null;
      return { fact: name, op: fact.operators[0][0], value: first, ...(name === "points_expiring" ? { days: 30 } : {}) };
    }

    comparison(row, remove) {
      const { words, offers, changed, redraw } = this.editor;
      const fact = this.fact(row.fact);
      const names = offers.map((one) => [one.code, one.label]);
      const become = (name) => {
        for (const key of Object.keys(row)) delete row[key];
        Object.assign(row, this.blank(name));
        redraw();
      };
      const compare = (op) => {
        const was = row.op === "one_of" ? row.value[0] : row.value;
        Object.assign(row, { op, value: op === "one_of" ? [was] : was });
        redraw();
      };
      return el(
        "div", { className: "rows__row" },
        choice(words.fact, names, row.fact, become, words.choose),
        choice(words.comparison, fact.operators, row.op, compare, words.choose),
        this.value(fact, row),
        fact.unit && el("span", { className: "rows__help", textContent: fact.unit }),
        row.fact === "points_expiring" && el("label", { className: "rows__days" }, `${words.days} `, typed(words.days, "number", row.days ?? 30, (days) => ((row.days = days), changed()))),
        button(words.remove, remove, { small: "rows__button--sign", sign: "×" }),
      );
    }

    value(fact, row) {
      const { words, changed } = this.editor;
      const take = (value) => ((row.value = value), changed());
      if (fact.kind === "flag") return choice(words.value, [[true, words.yes], [false, words.no]], row.value, take, words.choose);
      if (row.op === "one_of") return several(words.value, fact.choices, row.value, take);
      if (["choice", "ladder", "many"].includes(fact.kind)) return choice(words.value, fact.choices, row.value, take, words.choose);
      return typed(words.value, fact.kind === "number" ? "number" : "text", row.value, take);
    }
  }

  // ── actions ──
  class Actions {
    constructor(editor) {
      this.editor = editor;
    }

    read(written) {
      this.list = (written || []).map((one) => ({ ...one }));
      if (this.list.some((one) => !this.deed(one.do))) throw new Unreadable();
    }

    written = () => this.list;
    deed = (code) => this.editor.offers.find((one) => one.code === code);

    draw() {
      const { words, offers, redraw } = this.editor;
      const add = () => (this.list.push({ do: offers[0].code }), redraw(true));
      return [
        el("ol", { className: "rows__list" }, ...this.list.map((one, at) => el("li", { className: "rows__row" }, ...this.action(one, at)))),
        this.list.length === 0 && el("p", { className: "rows__help", textContent: words.nothing }),
        el("p", { className: "rows__adds" }, button(words.add_action, add)),
      ].filter(Boolean);
    }

    action(one, at) {
      const { words, offers, redraw, changed } = this.editor;
      const swap = () => (this.list.splice(at - 1, 2, one, this.list[at - 1]), redraw());
      const become = (code) => (this.list.splice(at, 1, { do: code }), redraw());
      const take = (field) => (value) => {
        if (value === "" || value === null) delete one[field.name];
        else one[field.name] = value;
        changed();
      };
      return [
        choice(words.action, offers.map((deed) => [deed.code, deed.label]), one.do, become, words.choose),
        ...this.deed(one.do).fields.map((field) =>
          el("label", { className: `rows__parameter rows__parameter--${field.kind}` }, el("span", { textContent: field.label }), this.parameter(field, one[field.name], take(field)), field.help && el("span", { className: "rows__help", textContent: field.help })),
        ),
        at > 0 && button(words.up, swap, { small: "rows__button--sign", sign: "↑" }),
        button(words.remove, () => (this.list.splice(at, 1), redraw()), { small: "rows__button--sign", sign: "×" }),
      ];
    }

    parameter(field, current, take) {
      if (field.kind === "choice") return choice(field.label, field.choices, current, take, this.editor.words.choose);
      return typed(field.label, field.kind, current, take);
    }
  }

  // ── one text field with its rows ──
  class Editor {
    constructor(text) {
      this.text = text;
      const told = JSON.parse(text.dataset.offers);
      this.words = told.words;
      this.byBrand = told.brands;
      this.rows = text.dataset.rows === "actions" ? new Actions(this) : new Conditions(this);
      this.place = el("div", { className: "rows" });
      this.asText = el("details", { className: "rows__text" }, el("summary", { textContent: this.words.as_text }));
      text.before(this.place, this.asText);
      this.asText.append(text);
      text.addEventListener("change", () => this.open());
      this.brand = text.form.querySelector("[name=brand]");
      // The admin's own select tells of a change in jQuery's way alone.
      if (this.brand) window.django.jQuery(this.brand).on("change", () => this.open());
      this.open();
    }

    get offers() {
      const all = Object.values(this.byBrand);
      return this.brand ? this.byBrand[this.brand.value] : all[0];
    }

    open() {
      if (!this.offers) return this.say(this.words.no_brand);
      try {
        this.rows.read(JSON.parse(this.text.value || "null"));
        this.place.replaceChildren(...this.rows.draw());
      } catch (error) {
        if (!(error instanceof Unreadable || error instanceof SyntaxError || error instanceof TypeError)) throw error;
        this.asText.open = true;
        this.say(this.words.unreadable);
      }
    }

    say = (sentence) => this.place.replaceChildren(el("p", { className: "rows__help", textContent: sentence }));

    changed = () => {
      this.text.value = JSON.stringify(this.rows.written());
    };

    redraw = (added = false) => {
      const held = [...this.place.querySelectorAll("select, input, textarea, button")].indexOf(document.activeElement);
      this.changed();
      this.place.replaceChildren(...this.rows.draw());
      const all = [...this.place.querySelectorAll("select, input, textarea, button")];
      const fields = [...this.place.querySelectorAll(".rows__row select:first-child")];
      (added ? fields.at(-1) : all[Math.min(held, all.length - 1)])?.focus();
    };
  }

  for (const text of document.querySelectorAll("textarea[data-rows]")) new Editor(text);
}

// Marks, preview and files of the composer. The field stays a plain one: what is put in is what is sent.
"use strict";
{
  const composer = () => document.getElementById("composer");
  const field = () => composer()?.elements.text;
  const changed = (area) => area.dispatchEvent(new Event("input", { bubbles: true }));

  /** Text at the cursor by the way the browser undoes with Ctrl+Z. */
  function put(area, text, from = area.selectionStart, to = area.selectionEnd) {
    area.focus();
    area.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, from, to, "end");
    changed(area);
  }

  const MARKS = {
    bold(area) {
      const { selectionStart: from, selectionEnd: to, value } = area;
      const chosen = value.slice(from, to);
      if (/^\*\*.+\*\*$/s.test(chosen)) return put(area, chosen.slice(2, -2));
      put(area, `**${chosen}**`);
      area.setSelectionRange(from + 2, from + 2 + chosen.length);
    },
    list(area) {
      const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
      const end = area.value.indexOf("\n", area.selectionEnd);
      const to = end < 0 ? area.value.length : end;
      const lines = area.value.slice(from, to).split("\n");
      const isList = lines.every((line) => line.startsWith("- "));
      put(area, lines.map((line) => (isList ? line.slice(2) : `- ${line}`)).join("\n"), from, to);
    },
    link(area) {
      const { selectionStart: from, selectionEnd: to, value } = area;
      const chosen = value.slice(from, to);
      const isAddress = /^https?:\/\/\S+$/.test(chosen);
      put(area, isAddress ? `[](${chosen})` : `[${chosen}](https://)`);
      const at = isAddress ? from + 1 : from + chosen.length + 11;
      area.setSelectionRange(at, at);
    },
  };

  async function preview(button) {
    const area = field();
    const box = document.getElementById("preview");
    const isOpen = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!isOpen));
    area.hidden = !isOpen;
    box.hidden = isOpen;
    if (isOpen) return area.focus();
    const body = new FormData();
    body.set("text", area.value);
    const answer = await fetch(button.dataset.preview, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() } });
    if (answer.ok) box.innerHTML = await answer.text();
    else warn(words().failed);
  }

  document.addEventListener("click", ({ target }) => {
    const mark = target.closest("#composer [data-mark]");
    const isOurs = composer()?.contains(document.activeElement); // its keys are for whoever writes here
    if (mark && isOurs && !field().hidden) MARKS[mark.dataset.mark](field());
    const look = target.closest("#composer [data-preview]");
    if (look) preview(look);
  });

  // ── files ────────────────────────────────────────────────────────────────────────────────────────────────
  /** Send one file to the draft; resolves to its id, "" where it was refused. */
  function upload(form, file, isInline) {
    const body = new FormData();
    body.set("file", file, file.name || "picture.png");
    if (isInline) body.set("inline", "1");
    const state = form.querySelector("#draft-state");
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.files);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      state.textContent = `${state.dataset.loading} ${Math.round((100 * loaded) / total)} %`;
    });
    return new Promise((resolve) => {
      request.addEventListener("loadend", () => {
        state.textContent = "";
        if (request.status === 200) {
          const list = form.querySelector("#draft-files");
          list.insertAdjacentHTML("beforeend", request.responseText);
          htmx.process(list);
          if (form.elements.version.value === "0") form.elements.version.value = request.getResponseHeader("X-Draft-Version");
          return resolve(request.getResponseHeader("X-File"));
        }
        if (request.status === 409) form.querySelector("#composer-refusal").innerHTML = request.responseText;
        else warn(words().failed);
        resolve("");
      });
      request.send(body);
    });
  }

  async function attach(files, { inline = false } = {}) {
    const form = composer();
    await globalThis.saveDraft();
    for (const file of files) {
      const isInline = inline && file.type.startsWith("image/");
      const id = await upload(form, file, isInline);
      if (id && isInline && form === composer()) put(field(), `![${file.name || "picture"}](file:${id})`);
    }
  }

  document.addEventListener("change", ({ target }) => {
    const look = target.matches("#composer [name=kind]") && composer().querySelector("[data-preview][aria-pressed=true]");
    if (look) preview(look); // whoever goes on to write sees the words again
    if (!target.matches("#composer [data-attach]")) return;
    attach([...target.files]);
    target.value = "";
  });

  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !event.target.matches?.("#composer textarea")) return;
    if (event.clipboardData.getData("text/plain")) return; // words with a picture of them: the words are meant
    event.preventDefault();
    attach(files, { inline: true });
  });

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files") && event.target.closest?.("#composer");
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      composer().classList.add("is-target");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (kind === "drop" || !composer()?.contains(event.relatedTarget)) composer()?.classList.remove("is-target");
    });
  }
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    attach([...event.dataTransfer.files]);
  });
}

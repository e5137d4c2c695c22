// Follows a trial: each event brings a step, or what is awaited, as HTML that the server made and escaped.
"use strict";
const live = document.getElementById("live");
if (live && window.EventSource) {
  const steps = document.getElementById("steps");
  const awaited = document.getElementById("awaited");
  const nothing = document.getElementById("nothing");
  const source = new EventSource(live.dataset.events);
  source.addEventListener("step", (event) => {
    if (!steps) return;
    const { key, before, html } = JSON.parse(event.data);
    const template = document.createElement("template");
    template.innerHTML = html.trim();
    const step = template.content.firstElementChild;
    const known = document.getElementById(key);
    if (known) {
      known.replaceWith(step);
    } else {
      step.classList.add("new");
      steps.insertBefore(step, before ? document.getElementById(before) : null);
    }
    if (nothing) nothing.hidden = true;
  });
  source.addEventListener("awaited", (event) => {
    if (awaited) awaited.innerHTML = JSON.parse(event.data).html;
  });
  // The answer is there, and takes the place of all this.
  source.addEventListener("end", () => {
    source.close();
    location.reload();
  });
  // A browser comes again by itself where a connection ends. Where it was turned away, the page is loaded anew.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 10000);
  });
}

// Shows how far a check is as it is measured, and the result when it is there.
"use strict";
const steps = document.getElementById("steps");
if (steps && window.EventSource) {
  const source = new EventSource(steps.dataset.events);
  const reload = () => { source.close(); location.reload(); };
  source.addEventListener("steps", (event) => { steps.innerHTML = event.data; });
  source.addEventListener("end", reload);
  // Told that there is no stream, a browser does not come again.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(reload, 3000);
  });
}

// Shows the button that prints, which works only here.
"use strict";
const print = document.getElementById("print");
if (print) {
  print.parentElement.hidden = false;
  print.addEventListener("click", () => window.print());
}

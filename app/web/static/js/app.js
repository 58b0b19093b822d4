// What pages can do better with JavaScript. Everything works without it; each module adds one thing and listens on the
// document, so that it goes on working after htmx has swapped the page.
import "./focus.js";
import "./dialog.js";
import "./menu.js";
import "./stepper.js";
import "./copy.js";
import "./autosubmit.js";
import "./preview.js";
import "./picture.js";
import "./grid.js";
import "./queue.js";

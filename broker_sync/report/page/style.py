"""How the page looks: one column, quiet, numbers below each other, colour only where it means something."""

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root {
  color-scheme: light dark;
  --ground: #f6f5f1; --card: #fffefb; --ink: #1d1f21; --faint: #5d6268; --line: #e2e0d8; --soft: #eeece5;
  --good: #17744a; --good-soft: #dff0e6; --odd: #8a5a00; --odd-soft: #fbecc9; --bad: #b3261e;
    --bad-soft: #fbe1de;
  --covered: #74b495; --odd-fill: #e0a52e; --bad-fill: #d2483d;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #121416; --card: #1a1d20; --ink: #e8e8e4; --faint: #a2a8ae; --line: #2e3338; --soft: #24282c;
    --good: #5cc795; --good-soft: #16362a; --odd: #e9b949; --odd-soft: #3b2f11; --bad: #ff8579;
      --bad-soft: #45201d;
    --covered: #2f7a58; --odd-fill: #d9a32f; --bad-fill: #e5655a;
  }
}
* { box-sizing: border-box; margin: 0; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  background: var(--ground); color: var(--ink); padding: 1.5rem 1rem 3rem;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
header, main, footer { max-width: 60rem; margin: 0 auto; }
header p, footer p, .faint, .detail, figcaption, .axis { color: var(--faint); font-size: .875rem; }
h1 { font-size: 1rem; font-weight: 650; letter-spacing: .01em; }
h2 { font-size: 1.0625rem; font-weight: 650; }
h2 span { color: var(--faint); font-weight: 400; }
h3 { font-size: 1.0625rem; font-weight: 650; margin-bottom: .5rem; }
ul { list-style: none; padding: 0; }
code { font: .875em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  background: var(--soft); border-radius: .25rem; padding: .1em .35em; }
a { color: inherit; }
a:focus-visible { outline: 2px solid var(--good); outline-offset: 2px; }

nav ul { display: grid; gap: .5rem; margin-top: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); }
nav a { display: grid; grid-template-columns: auto 1fr; gap: 0 .6rem; align-items: center;
  text-decoration: none;
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .8rem; }
nav a .icon { grid-row: span 2; margin: 0; width: 1.5rem; height: 1.5rem; }
nav a:hover { border-color: var(--faint); }
nav a span { color: var(--faint); font-size: .875rem; }

article { background: var(--card); border: 1px solid var(--line); border-radius: .9rem; margin-top: 1.25rem;
  padding: clamp(1rem, 4vw, 2rem); }
section { margin-top: 2rem; }
.state { display: flex; gap: .7rem; align-items: center; margin: .35rem 0 .25rem; line-height: 1.2;
  font-size: clamp(1.5rem, 1rem + 2.4vw, 2.25rem); font-weight: 680; letter-spacing: -.015em;
    text-wrap: balance; }
.state.good { color: var(--good); } .state.odd { color: var(--odd); } .state.bad { color: var(--bad); }
.icon { flex: none; width: 1em; height: 1em; margin-right: .45em; vertical-align: -.14em;
  overflow: visible; }
.state .icon { margin: 0; }
.icon circle { fill: var(--faint); } .icon path { fill: none; stroke: var(--card); stroke-width: 2.6;
  stroke-linecap: round; stroke-linejoin: round; }
.icon.good circle { fill: var(--good); } .icon.odd circle { fill: var(--odd); } .icon.bad circle {
  fill: var(--bad); }

.figures { display: grid; gap: 1px; margin-top: 1.25rem; background: var(--line);
  border: 1px solid var(--line);
  border-radius: .6rem; overflow: hidden;
    grid-template-columns: repeat(auto-fit, minmax(min(50% - 1px, 10.5rem), 1fr)); }
.figures div { background: var(--card); padding: .7rem .85rem; }
dt { color: var(--faint); font-size: .8125rem; }
dd { margin: 0; } dd b { display: block; font-size: 1.375rem; font-weight: 650; line-height: 1.25; }
dd span { color: var(--faint); font-size: .8125rem; line-height: 1.35; display: block; }
.figures .odd b { color: var(--odd); } .figures .bad b { color: var(--bad); }

.cards li { background: var(--soft); border-radius: .6rem; padding: .8rem 1rem; margin-top: .6rem; }
.cards p + p { margin-top: .3rem; }
.what span { display: inline-block; font-weight: 650; margin-right: 1rem; }

table { border-collapse: collapse; width: 100%; font-size: .9375rem; margin-top: .75rem; }
.beside { display: none; }
caption { text-align: left; color: var(--faint); font-size: .8125rem; padding-bottom: .15rem; }
th, td { padding: .4rem 0 .4rem .75rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: baseline; }
th:first-child, td:first-child { padding-left: 0; }
thead th { white-space: nowrap; color: var(--faint); font-size: .8125rem; font-weight: 500; }
tbody th { font-weight: 550; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.whole { white-space: nowrap; }
.mark { color: var(--faint); font-size: .8125rem; margin-left: .5em; }
.off .drift { font-weight: 650; } .off.confirmed .drift { color: var(--bad); } .off.new .drift {
  color: var(--odd); }
.off.confirmed .mark { color: var(--bad); } .off.new .mark { color: var(--odd); }
.off > * { background: linear-gradient(var(--bad-soft), var(--bad-soft)); }
.off.new > * { background: linear-gradient(var(--odd-soft), var(--odd-soft)); }
.off > :first-child { padding-left: .5rem; border-radius: .35rem 0 0 .35rem; }
.off > :last-child { padding-right: .5rem; border-radius: 0 .35rem .35rem 0; }
.error { color: var(--bad); }

.lanes li { display: grid; grid-template-columns: 1fr auto; gap: 0 .75rem; padding: .35rem 0;
  font-size: .9375rem; }
.lanes li > span { color: var(--faint); font-size: .8125rem; align-self: end; }
.lanes li > .name { color: var(--ink); font-size: .9375rem; font-weight: 550; }
.strip { grid-column: 1 / -1; display: block; width: 100%; height: 1.25rem; }
.strip .ground { fill: var(--line); }
.strip .good { fill: var(--covered); }
.strip .odd { fill: var(--odd-fill); } .strip .bad { fill: var(--bad-fill); }
.strip .confirmed { fill: var(--bad-fill); } .strip .new { fill: var(--odd-fill); }
.axis { display: flex; justify-content: space-between; }

.months { display: grid; gap: 1rem .9rem; margin-top: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(5.5rem, 1fr)); }
figure { display: flex; flex-direction: column-reverse; justify-content: flex-end; gap: .2rem; }
.month { display: block; width: 100%; max-width: 7.5rem; }
.day.whole { fill: var(--covered); } .day.part { fill: var(--odd-fill); } .day.outside { fill: var(--soft); }
.day.missing { fill: none; stroke: var(--bad); stroke-width: 1.5; }
.cross { fill: none; stroke: var(--bad); stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: .75rem; font-size: .8125rem;
  color: var(--faint); }
.key { display: inline-block; width: .75rem; height: .75rem; border-radius: .15rem; margin-right: .4rem;
  vertical-align: -.05rem; }
.key.whole { background: var(--covered); } .key.part { background: var(--odd-fill); }
.key.missing { border: 2px solid var(--bad); }

.runs li { display: grid; grid-template-columns: 20rem 1fr; gap: 0 1rem; padding: .3rem 0;
  font-size: .9375rem; border-bottom: 1px solid var(--line); }
.runs li:last-child { border-bottom: 0; }
.lines li { padding: .3rem 0; font-size: .9375rem; }
.bookings li { display: grid; grid-template-columns: 6.5rem 1fr auto; gap: 0 .75rem; padding: .4rem 0;
  border-bottom: 1px solid var(--line); font-size: .9375rem; }
.bookings li:last-child { border-bottom: 0; }
.bookings strong { font-weight: 550; }
.bookings .when, .bookings .units { color: var(--faint); font-size: .8125rem; align-self: center; }
.bookings .money { text-align: right; grid-row: 1; grid-column: 3; }
.bookings .units { grid-column: 2; grid-row: 2; }
footer { margin-top: 1.5rem; }

@media (max-width: 30rem) {
  body { padding: 1rem .6rem 2rem; }
  .sides thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .sides, .sides tbody { display: block; }
  .sides tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; padding: .45rem 0;
    border-bottom: 1px solid var(--line); }
  .sides tr:last-child { border-bottom: 0; }
  .sides th, .sides td { border: 0; padding: 0; }
  .sides th { flex: 1 1 0; min-width: 40%; }
  .sides td { order: 2; flex: 1 0 auto; min-width: 45%; font-size: .875rem; color: var(--faint);
    text-align: left; }
  .sides .drift { order: 1; flex: 0 1 auto; min-width: 0; max-width: 60%; margin-left: auto;
    text-align: right;
    white-space: normal; }
  .sides caption { display: block; }
  .off { background: var(--bad-soft); border-radius: .4rem; margin: 0 -.5rem; }
  .off.new { background: var(--odd-soft); }
  .sides .off { padding: .45rem .5rem; border: 0; }
  .sides .off > * { background: none; padding: 0; color: inherit; }
  .sides .off.confirmed .drift { color: var(--bad); } .sides .off.new .drift { color: var(--odd); }
  .mark { overflow-wrap: normal; display: inline-block; }
  dd b { font-size: 1.25rem; }
  .pad { display: none; }
  .beside { display: inline; margin-right: .4em; font-size: .8125rem; }
  .runs li { grid-template-columns: 1fr; padding: .4rem 0; }
  .bookings li { grid-template-columns: 1fr auto; }
  .bookings .when { grid-row: 2; grid-column: 1; }
  .bookings .what { grid-row: 1; grid-column: 1; }
  .bookings .money { grid-column: 2; }
  .bookings .units { grid-column: 2; grid-row: 2; text-align: right; }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --card: #fff; }
  body { padding: 0; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  article { border: 0; padding: 0; } article + article { break-before: page; }
  h3 { break-after: avoid; } tr, li, figure { break-inside: avoid; }
  nav { display: none; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
"""

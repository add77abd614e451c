/* The search of the pages, read before Sphinx's own program, which takes from here how a question is
   split (Chinese as in `analysis.publish.sphinx_hooks`), what comes first, and its words. */
"use strict";

const HAN = /\p{Script=Han}/u;
var splitQuery = (query) =>
  (query.match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}_])+/gu) ?? []).flatMap((run) => {
    const signs = [...run];
    if (!HAN.test(run) || signs.length === 1) return [run];
    return signs.slice(1).map((sign, place) => signs[place] + sign);
  });

/* what has the question in its title comes first, then pages to read, then notebooks */
const asked = (new URLSearchParams(location.search).get("q") ?? "").trim().toLowerCase();
var Scorer = {
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
  objNameMatch: 11, objPartialMatch: 6, objPrio: {}, objPrioDefault: 0,
  score: ([page, title, _anchor, _about, score]) =>
    score + (title.toLowerCase().includes(asked) ? 20 : 0) + (page.startsWith("notebooks/") ? 0 : 10),
};

_ready(() => {
  const words = document.getElementById("search-words").dataset;
  const found = words.found.replace("{n}", "${resultCount}");
  Object.assign(Documentation.TRANSLATIONS, {
    "Searching": words.searching,
    "Preparing search...": words.searching,
    "Search Results": words.results,
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.": words.none,
    "Search finished, found one page matching the search query.": [found, found],
  });
});

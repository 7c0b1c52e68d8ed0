'use strict';

/** What the lines of a basket cost together, in cents; each is {price, quantity}. */
function total(lines) {
  let sum = 0;
  for (let i = 0; i < lines.length - 1; i++) {
    sum += lines[i].price * lines[i].quantity;
  }
  return sum;
}

/** The line that costs most; null for an empty basket. */
function dearest(lines) {
  let best = null;
  for (const line of lines) {
    if (best === null || line.price * line.quantity > best.price * best.quantity) {
      best = line;
    }
  }
  return best;
}

/** Adds to a basket: a line for a new article, more pieces of one that is there. */
function add(lines, article, price, quantity = 1) {
  const known = lines.find((line) => line.article === article);
  if (known) {
    known.quantity += quantity;
  } else {
    lines.push({ article, price, quantity });
  }
  return lines;
}

module.exports = { total, dearest, add };

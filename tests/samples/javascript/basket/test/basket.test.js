'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');

const { total, dearest, add } = require('../basket.js');

const lines = () => [
  { article: 'tea', price: 300, quantity: 2 },
  { article: 'cup', price: 450, quantity: 1 },
];

test('an empty basket costs nothing', () => {
  assert.equal(total([]), 0);
});

test('all lines are added up', () => {
  assert.equal(total(lines()), 1050);
});

test('the dearest line is found', () => {
  assert.equal(dearest(lines()).article, 'tea');
  assert.equal(dearest([]), null);
});

test('an article that is there gets more pieces', () => {
  const basket = add(lines(), 'cup', 450, 2);
  assert.equal(basket.length, 2);
  assert.equal(total(basket), 300 * 2 + 450 * 3);
});

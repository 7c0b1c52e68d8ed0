// A small project with one fault, to try a first fix on: written anew into the extension's own storage.

import * as vscode from "vscode";

import type { Command } from "./command";

const PROGRAM = `"""A till: prices in cents, quantities in pieces."""

BULK_FROM = 10
BULK_PERCENT = 15


def line_total(price, quantity):
    """What one line of the receipt costs, with the bulk discount from ten pieces on."""
    total = price * quantity
    if quantity > BULK_FROM:
        total -= total * BULK_PERCENT // 100
    return total
`;

const TESTS = `import unittest

from till import line_total


class LineTotal(unittest.TestCase):
    def test_few_pieces_cost_their_price(self):
        self.assertEqual(line_total(100, 9), 900)

    def test_the_discount_begins_at_ten_pieces(self):
        self.assertEqual(line_total(100, 10), 850)

    def test_many_pieces_are_discounted(self):
        self.assertEqual(line_total(100, 20), 1700)
`;

/** The line with the fault, from zero. */
const FAULT = 9;

export const practice: Command = {
  id: "bodkin.ui.practice",
  async run({ context }) {
    const folder = vscode.Uri.joinPath(context.globalStorageUri, "practice");
    const program = vscode.Uri.joinPath(folder, "till.py");
    const encoder = new TextEncoder();
    await vscode.workspace.fs.createDirectory(folder);
    await vscode.workspace.fs.writeFile(program, encoder.encode(PROGRAM));
    await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, "test_till.py"), encoder.encode(TESTS));
    const document = await vscode.workspace.openTextDocument(program);
    await vscode.window.showTextDocument(document, { selection: document.lineAt(FAULT).range });
  },
};

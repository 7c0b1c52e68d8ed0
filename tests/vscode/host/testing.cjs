// The tests of the project in the Testing view.

const assert = require("node:assert");
const vscode = require("vscode");

const { api, until } = require("./kit.cjs");

function labels(items) {
  return [...items].flatMap(([, item]) => [item.label, ...labels(item.children)]);
}

module.exports = [
  [
    "tests are found without running them",
    async () => {
      const bodkin = await api();
      await vscode.commands.executeCommand("testing.refreshTests");
      const found = await until("tests", () => labels(bodkin.tests).length > 1 && labels(bodkin.tests));
      for (const name of ["test_few_pieces_cost_their_price", "test_the_discount_begins_at_ten_pieces"]) {
        assert.ok(found.includes(name), `${name} is among ${found}`);
      }
      assert.deepStrictEqual(bodkin.view("bodkin.runs"), []);
    },
  ],
];

// How the extension comes to life.

const assert = require("node:assert");

const { api, openFault, until } = require("./kit.cjs");

module.exports = [
  [
    "the status says that the server is ready",
    async () => {
      await openFault();
      const bodkin = await api();
      await until("a server that is ready", () => bodkin.status().text === "Bodkin is ready");
      assert.deepStrictEqual(bodkin.life().state, "running");
      assert.strictEqual(bodkin.status().severity, "Information");
      assert.strictEqual(bodkin.status().command, "bodkin.ui.showLog");
    },
  ],
];

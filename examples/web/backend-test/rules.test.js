// Who may do what.
import assert from "node:assert/strict";
import test from "node:test";
import { plan } from "bananatech";
import { OTHER_USER, USER, backendFor, clientOf, withActiveCard } from "./support.js";

test("who may do what", async (t) => {
  const backend = await backendFor(t);
  const other = await withActiveCard(backend, OTHER_USER, "4000001200000354");
  const me = await withActiveCard(backend);
  const calls = async () => (await backend.sandbox.control("state")).ledger;
  const refused = async (planned, status, code, client = me) => {
    const before = await calls();
    const answer = await client.send(planned);
    assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    assert.deepEqual(await calls(), before, "the issuer's books have changed");
  };

  await t.test("another user's plan is refused", () => refused(other.recharge(other.card_id, "20.00"), 403, "user.not_you"));
  await t.test("another user's card is refused", async () => {
    for (const planned of [
      me.recharge(other.card_id, "20.00"),
      me.alter(other.card_id, "LOCK"),
      plan.card.getBalance({ user_id: USER, card_id: other.card_id }),
    ]) {
      await refused(planned, 403, "card.not_yours");
    }
  });
  await t.test("a card that doesn't exist is refused just the same", () =>
    refused(me.alter(999_999, "LOCK"), 403, "card.not_yours"),
  );
  await t.test("another user's transactions are refused, also by leaving the card out", async () => {
    await refused(plan.card.getTransactions({ user_id: OTHER_USER }), 403, "user.not_you");
    await refused(plan.card.getTransactions({ user_id: USER }), 403, "card.not_yours");
    await refused(plan.card.getTransactions({ card_id: other.card_id }), 403, "user.not_you");
  });
  await t.test("what pages may not ask for is refused", async () => {
    await refused(plan.card.getInformation({ user_id: USER, card_id: me.card_id }), 403, "operation.not_allowed");
    await refused(plan.merchant.getAccountBalance(), 403, "operation.not_allowed");
    await refused(plan.card.setPin({ user_id: USER, card_id: me.card_id, pin: "1357" }), 403, "operation.not_allowed");
  });
  await t.test("a card of another kind is refused", () =>
    refused(
      plan.card.assign({ user_id: USER, template_id: 2, card_number: "4000001200000362" }),
      403,
      "template.not_offered",
    ),
  );
  await t.test("more than the limit is refused, the limit isn't", async () => {
    await refused(me.recharge(me.card_id, "1000.01"), 403, "amount.above_your_limit");
    const recharged = await me.carryOut(me.recharge(me.card_id, "1000.00"));
    assert.equal(recharged.stage, "confirmed");
  });
  await t.test("less than the template's minimum is refused", () =>
    refused(me.recharge(me.card_id, "9.99"), 422, "amount.below_minimum"),
  );
  await t.test("what isn't a plan is refused", async () => {
    await refused(
      { operation: "card.recharge", body: { user_id: USER, card_id: me.card_id, amount: "-20" } },
      422,
      "amount.not_positive",
    );
    await refused(
      { operation: "card.recharge", body: { user_id: USER, card_id: me.card_id, amount: "20", fee: "0" } },
      422,
      "field.unknown",
    );
    await refused({ operation: "card.steal", body: {} }, 422, "plan.operation");
    await refused("recharge, please", 422, "json.syntax");
  });
  await t.test("what the card's state rules out is refused", () =>
    refused(me.alter(me.card_id, "UNLOCK"), 409, "state.not_allowed"),
  );
});

test("who is asking", async (t) => {
  const backend = await backendFor(t);
  const client = clientOf(backend);
  const code = async (headers) => {
    const answer = await client.post("/api/plans", { plan: client.assign() }, headers);
    return [answer.status, answer.body.error.code];
  };
  await t.test("nobody without a session", async () => assert.deepEqual(await code({ cookie: "" }), [401, "session.none"]));
  await t.test("nobody with a made-up session", async () =>
    assert.deepEqual(await code({ cookie: `session=${"0".repeat(32)}` }), [401, "session.none"]),
  );
  await t.test("no other site's page", async () =>
    assert.deepEqual(await code({ origin: "https://evil.example" }), [403, "origin.other"]),
  );
  await t.test("nothing that a form could send", async () =>
    assert.deepEqual(await code({ "content-type": "text/plain" }), [403, "origin.other"]),
  );
  await t.test("nobody through another name of this machine", async () => {
    const { request } = await import("node:http");
    const status = await new Promise((resolve, reject) => {
      request(`${backend.url}/api/me`, { headers: { host: "evil.example", cookie: client.cookie } }, (response) =>
        resolve(response.resume().statusCode),
      )
        .on("error", reject)
        .end();
    });
    assert.equal(status, 421);
  });
  await t.test("the session's cookie is out of scripts' and other sites' reach", async () => {
    const answer = await client.post("/api/session", {});
    assert.equal(answer.status, 204);
    assert.match(answer.headers.get("set-cookie"), /^session=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Strict$/);
  });
  await t.test("every answer has the security headers", async () => {
    const answer = await client.post("/api/none", {});
    assert.equal(answer.status, 404);
    assert.match(
      answer.headers.get("content-security-policy"),
      /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /,
    );
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  });
  assert.equal((await backend.feeds.view(USER)).operations.length, 0);
});

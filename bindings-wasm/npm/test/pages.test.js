// Going through lists of issuers that are honest, and of others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pages, plan } from "bananatech";
import { merchant, thrown } from "./support.js";

/** Reads all of a list from an issuer: what it answers to `skip` and `limit`. */
const read = async (issuer, limit = 3) => {
  const m = merchant();
  let requests = 0;
  const list = m.pages(plan.card.getTransactions({ limit }), async (url, init) => {
    const page = issuer(requests, skips[requests] ?? 0, limit);
    requests += 1;
    const data = page.ids.map((id) => ({ id, amount: 1 }));
    skips[requests] = (skips[requests - 1] ?? 0) + data.length;
    return new Response(m.testAnswer("card.get_transactions", { data, total: page.total }));
  });
  const skips = [0];
  assert.equal(list.end, null);
  const ids = [];
  for await (const { id } of list) ids.push(id);
  const { is_complete, is_stable, total } = list.end;
  return { ids, requests, is_complete, is_stable, total };
};
const ids = (count) => Array.from({ length: count }, (_, id) => id);

test("an honest list takes no request too many, and says that it is whole", async () => {
  for (const [count, requests] of [[0, 1], [3, 1], [7, 3]]) {
    const honest = await read((_, skip, limit) => ({ ids: ids(count).slice(skip, skip + limit), total: count }));
    assert.deepEqual(honest, { ids: ids(count), requests, is_complete: true, is_stable: true, total: count });
  }
  const without = await read((_, skip, limit) => ({ ids: ids(7).slice(skip, skip + limit) }));
  assert.deepEqual(without, { ids: ids(7), requests: 4, is_complete: true, is_stable: true, total: null });
});

test("a list that isn't honest ends, is handed out, and says so", async () => {
  const small = await read((_, skip, limit) => ({ ids: ids(9).slice(skip, skip + limit), total: 5 }));
  assert.deepEqual(small, { ids: ids(9), requests: 4, is_complete: true, is_stable: false, total: 5 });
  const large = await read((_, skip, limit) => ({ ids: ids(7).slice(skip, skip + limit), total: 20 }));
  assert.deepEqual(large, { ids: ids(7), requests: 4, is_complete: false, is_stable: true, total: 20 });
  const same = await read(() => ({ ids: [0, 1, 2], total: 1_000_000 }));
  assert.deepEqual([same.ids.length, same.requests, same.is_complete, same.is_stable], [12, 4, false, false]);
  const grows = await read((at, skip, limit) => {
    const total = 6 + Math.min(at, 2);
    return { ids: ids(total).slice(skip, skip + limit), total };
  });
  assert.deepEqual(grows, { ids: ids(8), requests: 4, is_complete: true, is_stable: false, total: 8 });
});

test("a list that is left early has no end", async () => {
  const list = merchant().pages(plan.user.getUsers({ limit: 1 }), async () => new Response('{"data":[1],"total":9}'));
  for await (const record of list) {
    assert.equal(record, 1);
    break;
  }
  assert.equal(list.end, null);
});

test("pages go without a key, and equal records are no error", () => {
  const pages = new Pages(plan.user.getUsers({ limit: 2 }));
  assert.deepEqual([pages.total, pages.is_complete, pages.is_stable], [null, false, false]);
  const same = { data: [{ at: 1 }, { at: 1 }], total: 4 };
  assert.deepEqual(pages.accept(same), same.data);
  assert.deepEqual(pages.next().body, { skip: 2, limit: 2 });
  pages.accept(same);
  assert.equal(pages.next(), null);
  assert.deepEqual([pages.total, pages.is_complete, pages.is_stable], [4, false, false]);
  const error = thrown(() => pages.accept(same));
  assert.deepEqual([error.code, error.category], ["page.mismatch", "unexpected"]);
});

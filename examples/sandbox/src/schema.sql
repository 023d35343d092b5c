-- Amounts are integers in minor units, times are milliseconds since the epoch.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The next number of each kind of id.
CREATE TABLE sequences (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE merchants (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    currency          TEXT NOT NULL,
    webhook_url       TEXT,
    full_card_numbers INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rotation: the newest key (the highest id) seals, all of them open.
CREATE TABLE merchant_keys (
    id          INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants (id),
    text        TEXT NOT NULL,
    codec       TEXT NOT NULL
) STRICT;

CREATE TABLE templates (
    id                       INTEGER PRIMARY KEY,
    description              TEXT NOT NULL,
    type                     TEXT NOT NULL,
    payment_system           TEXT NOT NULL,
    apply_fee                TEXT NOT NULL,
    recharge_fee             TEXT NOT NULL,
    refund_fee               TEXT NOT NULL,
    activate_min_limit       INTEGER NOT NULL,
    recharge_min_limit       INTEGER NOT NULL,
    recharge_max_limit       INTEGER NOT NULL,
    limit_per_tx             INTEGER NOT NULL,
    limit_per_day            INTEGER NOT NULL,
    limit_per_month          INTEGER NOT NULL,
    requires_kyc             INTEGER NOT NULL,
    requires_phone_only      INTEGER NOT NULL,
    needs_activation         INTEGER NOT NULL,
    requires_initial_deposit INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id          INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants (id),
    email       TEXT NOT NULL,
    template_id INTEGER NOT NULL REFERENCES templates (id),
    has_kyc     INTEGER NOT NULL,
    has_phone   INTEGER NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED')),
    message     TEXT,
    created_at  INTEGER NOT NULL
) STRICT;

-- Plastic that was made and isn't anyone's yet, or is a card's by now.
CREATE TABLE stock (
    number  TEXT PRIMARY KEY,
    cvv     TEXT NOT NULL,
    expiry  TEXT NOT NULL,
    card_id INTEGER UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE cards (
    id          INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants (id),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    template_id INTEGER NOT NULL REFERENCES templates (id),
    number      TEXT NOT NULL UNIQUE,
    cvv         TEXT NOT NULL,
    expiry      TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('TBA', 'ACTIVE', 'LOCKED', 'CLOSED')),
    pin         TEXT, -- salted hash
    recharged   INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL
) STRICT;

-- What was acknowledged and what the banking provider has, or hasn't yet, made of it.
CREATE TABLE operations (
    id             INTEGER PRIMARY KEY,
    merchant_id    TEXT NOT NULL REFERENCES merchants (id),
    kind           TEXT NOT NULL,
    state          TEXT NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'SUCCESS', 'FAILED')),
    user_id        INTEGER NOT NULL,
    card_id        INTEGER,
    template_id    INTEGER,
    transaction_id INTEGER,
    amount         INTEGER NOT NULL DEFAULT 0,
    fee            INTEGER NOT NULL DEFAULT 0,
    card_number    TEXT,
    pin            TEXT, -- salted hash
    created_at     INTEGER NOT NULL,
    due_at         INTEGER, -- NULL: waits for a decision
    finished_at    INTEGER,
    reason         TEXT
) STRICT;
CREATE INDEX operations_due ON operations (due_at, id) WHERE state = 'PENDING';
CREATE INDEX operations_card ON operations (card_id) WHERE state = 'PENDING';

CREATE TABLE transactions (
    id            INTEGER PRIMARY KEY,
    merchant_id   TEXT NOT NULL REFERENCES merchants (id),
    user_id       INTEGER NOT NULL,
    card_id       INTEGER NOT NULL,
    type          TEXT NOT NULL,
    status        TEXT NOT NULL,
    amount        INTEGER NOT NULL,
    cleared       INTEGER NOT NULL DEFAULT 0,
    refunded      INTEGER NOT NULL DEFAULT 0,
    currency      TEXT NOT NULL,
    merchant_name TEXT NOT NULL,
    parent_id     INTEGER REFERENCES transactions (id),
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX transactions_card ON transactions (card_id, created_at);

-- Double entry. Only the outside world's own accounts may be overdrawn.
CREATE TABLE accounts (
    name    TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    balance INTEGER NOT NULL,
    CHECK (balance >= 0 OR kind IN ('funding', 'network'))
) STRICT, WITHOUT ROWID;

CREATE TABLE journals (
    id         INTEGER PRIMARY KEY,
    purpose    TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE entries (
    id         INTEGER PRIMARY KEY,
    journal_id INTEGER NOT NULL REFERENCES journals (id),
    account    TEXT NOT NULL REFERENCES accounts (name),
    amount     INTEGER NOT NULL CHECK (amount <> 0)
) STRICT;
CREATE INDEX entries_journal ON entries (journal_id);
CREATE INDEX entries_account ON entries (account);

-- The outbox, which is also the webhook records.
CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY,
    merchant_id     TEXT NOT NULL REFERENCES merchants (id),
    type            TEXT NOT NULL,
    operation_id    INTEGER,
    user_id         INTEGER,
    card_id         INTEGER,
    lane            TEXT NOT NULL, -- what one subject's deliveries queue up for
    payload         TEXT NOT NULL, -- without occur_time
    occur_time      INTEGER,
    state           TEXT NOT NULL CHECK (state IN ('PENDING', 'SENDING', 'DELIVERED', 'DROPPED')),
    deferred        INTEGER NOT NULL DEFAULT 0, -- a delay or a reordering has been applied
    overtake        INTEGER NOT NULL DEFAULT 0, -- waits until another one has been delivered
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    lease_until     INTEGER,
    last_outcome    TEXT,
    created_at      INTEGER NOT NULL,
    delivered_at    INTEGER
) STRICT;
CREATE INDEX deliveries_due ON deliveries (next_attempt_at, id) WHERE state = 'PENDING';
CREATE INDEX deliveries_sending ON deliveries (lane) WHERE state = 'SENDING';

CREATE TABLE faults (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    ms         INTEGER NOT NULL,
    event_type TEXT,
    remaining  INTEGER -- NULL: all
) STRICT;

CREATE TABLE challenges (
    id            INTEGER PRIMARY KEY,
    card_id       INTEGER NOT NULL REFERENCES cards (id),
    amount        INTEGER NOT NULL,
    merchant_name TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('PENDING', 'APPROVED', 'DECLINED')),
    expires_at    INTEGER NOT NULL
) STRICT;

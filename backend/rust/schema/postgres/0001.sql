-- What a merchant's backend knows, for any number of instances. Texts are JSON as the core writes it, so every language reads the rows of
-- every other. No row has a key, a PIN, a full card number or personal data.
-- Keys and indexes begin with what tells rows apart, and not with the merchant, whose rows may be all there are: in a new database, which has no
-- statistics yet, PostgreSQL would read all rows by any index that begins with the merchant.

-- Numbers for the order in which operations were stored and evidence was first seen. A number is drawn while the locks are held.
CREATE SEQUENCE bananatech_order;

CREATE TABLE bananatech_operations (
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    content TEXT NOT NULL,
    -- The caller's name of it, by which a repeated request is recognised.
    reference TEXT NOT NULL,
    -- What only one operation at a time may change, such as a card's money.
    lane TEXT,
    is_open BOOLEAN NOT NULL,
    is_done BOOLEAN NOT NULL,
    is_doubted BOOLEAN NOT NULL,
    is_contradicted BOOLEAN NOT NULL,
    -- When the API is to be asked, in milliseconds since 1970.
    ask_at BIGINT,
    -- Until when an instance is asking.
    leased_until BIGINT,
    transaction_id TEXT,
    new_card TEXT,
    PRIMARY KEY (id, merchant),
    UNIQUE (reference, merchant),
    UNIQUE (transaction_id, merchant),
    UNIQUE (new_card, merchant)
);
CREATE INDEX bananatech_operations_overdue ON bananatech_operations (merchant, ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX bananatech_operations_under_way ON bananatech_operations (lane, merchant) WHERE is_open;
CREATE INDEX bananatech_operations_unclear ON bananatech_operations (merchant) WHERE is_open OR is_doubted OR is_contradicted;

CREATE TABLE bananatech_operation_keys (
    merchant TEXT NOT NULL,
    key TEXT NOT NULL,
    operation TEXT NOT NULL,
    is_done BOOLEAN NOT NULL,
    PRIMARY KEY (key, merchant, operation)
);
CREATE INDEX bananatech_operation_keys_live ON bananatech_operation_keys (key, merchant, operation) WHERE NOT is_done;

-- Operations that wait until the one before them in their lane has ended.
CREATE TABLE bananatech_waiting (
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    -- When it was stored, in milliseconds since 1970.
    stored_at BIGINT NOT NULL,
    lane TEXT NOT NULL,
    reference TEXT NOT NULL,
    plan TEXT NOT NULL,
    operation TEXT NOT NULL,
    PRIMARY KEY (id, merchant),
    UNIQUE (reference, merchant)
);
CREATE INDEX bananatech_waiting_lane ON bananatech_waiting (lane, merchant, position);

-- The events that came, so that a repetition is one.
CREATE TABLE bananatech_events (
    merchant TEXT NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    -- When it first came, in milliseconds since 1970.
    seen_at BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (key, merchant, type)
);

-- What events and the API's answers say, by what they are about.
CREATE TABLE bananatech_things (
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    content TEXT NOT NULL,
    seq BIGINT NOT NULL,
    is_done BOOLEAN NOT NULL,
    PRIMARY KEY (id, merchant)
);

CREATE TABLE bananatech_thing_keys (
    merchant TEXT NOT NULL,
    key TEXT NOT NULL,
    thing TEXT NOT NULL,
    is_done BOOLEAN NOT NULL,
    PRIMARY KEY (key, merchant, thing)
);
CREATE INDEX bananatech_thing_keys_live ON bananatech_thing_keys (key, merchant, thing) WHERE NOT is_done;

-- From when on the rows of a card are kept, in milliseconds since 1970: what ended before was forgotten.
CREATE TABLE bananatech_since (
    merchant TEXT NOT NULL,
    key TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (key, merchant)
);

CREATE TABLE bananatech_cards (
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (id, merchant)
);

-- What is to be told to the merchant's own code, in order per subject: a card, or an operation without one.
CREATE TABLE bananatech_outbox (
    merchant TEXT NOT NULL,
    position BIGINT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The operation as it was then, or where somebody else acts.
    content TEXT NOT NULL,
    -- Why an operation wasn't sent.
    code TEXT,
    leased_until BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, position)
);
CREATE INDEX bananatech_outbox_subject ON bananatech_outbox (subject, merchant, position);

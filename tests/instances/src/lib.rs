//! Several instances of the backend as processes of their own, in any language, on one PostgreSQL; and the issuer, whose books say at the
//! end what is true.
//!
//! # What an instance is
//!
//! A program that is configured by its environment:
//!
//! | variable | |
//! |---|---|
//! | `DATABASE_URL` | the PostgreSQL that all instances share |
//! | `API_URL`, `MERCHANT_ID`, `SECRET_KEY` | the issuer, and who asks it; the key as UTF-8 |
//! | `ASK_AFTER_MS`, `FINAL_AFTER_MS` | the backend's option and assumption of these names; it is exclusive since 0 |
//! | `NOTICES_URL` | each notice is posted there as `{kind, operation}`, and is taken once that was answered 200 |
//!
//! It listens on a port of its own choice on loopback, prints `listening on http://127.0.0.1:PORT`, and ends when its standard input does.
//! It sweeps and delivers all the time, and takes
//!
//! | request | answer |
//! |---|---|
//! | `POST /webhooks` | what a webhook is to be answered |
//! | `POST /send {plan, reference}` | 200 and the state in a word; 409 and `{code}` if the request is refused here; else 503 |
//! | `POST /say {reference, said}` | 200 once it is noted that the operation `succeeded`, `failed` or was never sent (`withdrawn`); 409 and `{code}` if it can't be |
//! | `GET /operation?reference=…` | 200 and the operation, or null |
//! | `GET /counts` | 200 and the counts |

mod books;
mod fleet;
mod made;
mod notices;
mod patience;
mod sandbox;
mod stage;

pub use books::{Asked, Judgement, Row, judge};
pub use fleet::{Fleet, Kind};
pub use made::{Made, Said, left_open, say};
pub use notices::Notices;
pub use patience::Patience;
pub use sandbox::{MERCHANT_ID, SECRET_KEY, Sandbox};
pub use stage::{Card, Happened, Options, Stage};

//! Operations on the merchant's own account.

mod account_balance;
mod card_templates;
mod set_webhook_url;
mod webhook_records;

pub use account_balance::{AccountBalance, GetAccountBalance};
pub use card_templates::{
    CardTemplate, CardTemplates, Charge, Fee, GetCardTemplates, PaymentSystem, TemplateType,
};
pub use set_webhook_url::SetWebhookUrl;
pub use webhook_records::GetWebhookRecords;

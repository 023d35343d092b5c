use serde::{Deserialize, Serialize};

use crate::json::Extra;
use crate::operation::{Operation, operation};
use crate::operations::Acknowledgement;
use crate::url::Url;

/// Set Webhook URL. Its page couldn't be read: the field `url` is a guess. The Admin Console can do the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SetWebhookUrl {
    /// Where webhooks are to be delivered: `https`, or `http` on a loopback host.
    pub url: Url,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl SetWebhookUrl {
    /// ```
    /// use bananatech_core::{operations::merchant::SetWebhookUrl, Url};
    /// let request = SetWebhookUrl::new(Url::parse("https://merchant.example/webhooks").unwrap());
    /// assert_eq!(request.url.as_str(), "https://merchant.example/webhooks");
    /// ```
    pub fn new(url: Url) -> Self {
        Self {
            url,
            extra: crate::Extra::new(),
        }
    }
}

impl Operation for SetWebhookUrl {
    operation!(SetWebhookUrl => Acknowledgement);

    fn open_fields(&self) -> Option<&'static str> {
        (!self.extra.is_empty()).then_some("")
    }
}

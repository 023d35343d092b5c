use crate::json::object;
use crate::operation::Operation;
use crate::operations::{Acknowledgement, operation};
use crate::url::Url;

object! { open
    /// Set Webhook URL. Its page couldn't be read: the field `url` is a guess. The Admin Console can do the same.
    pub struct SetWebhookUrl {
        /// Where webhooks are to be delivered: `https`, or `http` on a loopback host.
        pub url: Url,
    }
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
    operation!(wire);
}

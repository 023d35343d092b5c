use crate::endpoints::check_url;
use crate::error::Invalid;
use crate::json::object;
use crate::operation::Operation;
use crate::operations::{Acknowledgement, operation};

object! { open
    /// Set Webhook URL. Its page couldn't be read: the field `url` is a guess. The Admin Console can do the same.
    pub struct SetWebhookUrl {
        /// Where webhooks are to be delivered: `https`, or `http` on a loopback host.
        pub url: String,
    }
}

impl SetWebhookUrl {
    /// ```
    /// use bananatech_core::operations::merchant::SetWebhookUrl;
    /// let request = SetWebhookUrl::new("https://merchant.example/webhooks");
    /// assert_eq!(request.url, "https://merchant.example/webhooks");
    /// ```
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            extra: crate::Extra::new(),
        }
    }
}

impl Operation for SetWebhookUrl {
    operation!(SetWebhookUrl => Acknowledgement);
    operation!(wire);

    /// [`Code::UrlFormat`](crate::Code::UrlFormat) if it isn't an absolute `https` URL.
    fn check(&self) -> Result<(), Invalid> {
        check_url("url", &self.url, true)
    }
}

//! Where the API is.

use std::collections::BTreeMap;

use crate::error::{Code, Invalid};
use crate::operation::OperationKind;

/// The API's address: a base URL, and the paths of the operations.
///
/// The vendor's hosts aren't documented, so there is no default base URL. Ten of the fifteen paths are inferred
/// ([`OperationKind::path_certainty`]); every one can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    base_url: String,
    paths: BTreeMap<OperationKind, String>,
}

impl Endpoints {
    /// Takes the URL that the paths stand behind: `https`, or `http` on a loopback host.
    /// Errors with [`Code::UrlFormat`] (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::{Endpoints, OperationKind};
    /// let endpoints = Endpoints::new("https://api.example/v1").unwrap();
    /// assert_eq!(endpoints.url(OperationKind::SetPin), "https://api.example/v1/card/set_pin");
    /// assert!(Endpoints::new("http://api.example").is_err());
    /// assert!(Endpoints::new("http://127.0.0.1:4010").is_ok());
    /// ```
    pub fn new(base_url: &str) -> Result<Self, Invalid> {
        check_url("base_url", base_url, false)?;
        Ok(Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            paths: BTreeMap::new(),
        })
    }

    /// Sets an operation's path. Errors with [`Code::PathFormat`] (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::{Endpoints, OperationKind};
    /// let endpoints = Endpoints::new("https://api.example").unwrap()
    ///     .with_path(OperationKind::Recharge, "/card/top_up").unwrap();
    /// assert_eq!(endpoints.url(OperationKind::Recharge), "https://api.example/card/top_up");
    /// assert!(endpoints.with_path(OperationKind::Recharge, "/100%").is_err());
    /// ```
    pub fn with_path(mut self, operation: OperationKind, path: &str) -> Result<Self, Invalid> {
        if !path.starts_with('/') || !is_path(path, false) {
            return Err(Invalid::new(
                "path",
                Code::PathFormat,
                "a path that starts with a slash, without query and fragment",
            ));
        }
        self.paths.insert(operation, path.to_owned());
        Ok(self)
    }

    /// The URL of an operation.
    ///
    /// ```
    /// use bananatech_core::{Endpoints, OperationKind};
    /// let endpoints = Endpoints::new("https://api.example").unwrap();
    /// assert_eq!(endpoints.url(OperationKind::Assign), "https://api.example/card/assign");
    /// ```
    pub fn url(&self, operation: OperationKind) -> String {
        let path = self
            .paths
            .get(&operation)
            .map_or(operation.default_path(), String::as_str);
        let mut url = String::with_capacity(self.base_url.len() + path.len());
        url.push_str(&self.base_url);
        url.push_str(path);
        url
    }
}

/// RFC 3986: `pchar` and `/`, and a question mark where a query may follow. A `%` stands before two hexadecimal digits.
fn is_path(path: &str, query: bool) -> bool {
    let mut rest = path.as_bytes();
    loop {
        rest = match rest {
            [] => return true,
            [b'%', a, b, after @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => after,
            [b'?', after @ ..] if query => after,
            [byte, after @ ..]
                if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(byte) =>
            {
                after
            }
            _ => return false,
        };
    }
}

/// An absolute `https` URL (`http` on a loopback host only) without user information and fragment; a query only where
/// `query` lets it.
pub(crate) fn check_url(field: &'static str, url: &str, query: bool) -> Result<(), Invalid> {
    let fault = || {
        Invalid::new(
            field,
            Code::UrlFormat,
            "an absolute https URL, or http on a loopback host",
        )
    };
    let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err(fault()),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = match authority.strip_prefix('[') {
        // An IPv6 address has colons of its own.
        Some(inner) => {
            let (address, port) = inner.split_once(']').ok_or_else(fault)?;
            address.parse::<std::net::Ipv6Addr>().map_err(|_| fault())?;
            (address, port.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_name = |host: &str| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    };
    let bracketed = authority.starts_with('[');
    let trailing = bracketed && !authority.ends_with(']') && port.is_none();
    let port_ok = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|n| n > 0)
    });
    if !(bracketed || is_name(host)) || trailing || !port_ok || !is_path(path, query) {
        return Err(fault());
    }
    let loopback = host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if secure || loopback {
        Ok(())
    } else {
        Err(fault())
    }
}

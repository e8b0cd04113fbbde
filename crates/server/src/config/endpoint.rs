//! The address of another server, to which something is told or of which something is asked.

use std::{fmt, str::FromStr};

use axum::http::Uri;

/// An address of HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(String);

impl Endpoint {
    /// The address of a path below it.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0.trim_end_matches('/'))
    }
}

/// Why a text is no address of another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no address that begins with http:// and names a host; a server that is reached over TLS only \
     needs a proxy on this machine"
)]
pub struct EndpointError;

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let uri: Uri = text.parse().map_err(|_| EndpointError)?;
        let has_host = uri.authority().is_some_and(|authority| !authority.host().is_empty());
        match uri.scheme_str() == Some("http") && has_host && uri.query().is_none() {
            true => Ok(Self(text.to_owned())),
            false => Err(EndpointError),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_host_of_http() {
        for text in ["http://127.0.0.1:9093/hook", "http://store.example", "http://[::1]:3002/"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        for text in ["", "/hook", "https://a.example/", "http://", "store:3002", "http://a/?b=c"] {
            assert_eq!(text.parse::<Endpoint>(), Err(EndpointError), "{text}");
        }
        let endpoint: Endpoint = "http://store.example:3002/".parse().unwrap();
        assert_eq!(endpoint.at("/api/store"), "http://store.example:3002/api/store");
        assert_eq!(endpoint.at(""), "http://store.example:3002");
    }
}

//! Values of the configuration that are more than their TOML kind: numbers in a range, addresses.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use restante_osi::PresentationAddress;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected},
};

/// A number from `LOW` to `HIGH`.
pub(super) fn within<'de, D, const LOW: u64, const HIGH: u64>(from: D) -> Result<usize, D::Error>
where
    D: Deserializer<'de>,
{
    let number = i64::deserialize(from)?;
    let in_range = u64::try_from(number).ok().filter(|number| (LOW..=HIGH).contains(number));
    in_range.and_then(|number| usize::try_from(number).ok()).ok_or_else(|| {
        let expected = format!("{LOW} to {HIGH}");
        D::Error::invalid_value(Unexpected::Signed(number), &expected.as_str())
    })
}

/// What has a text form.
pub(super) mod text {
    use super::{Deserialize, Deserializer, Error, FromStr, fmt};
    use serde::Serializer;

    pub(in super::super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(from)?;
        text.parse().map_err(|error| D::Error::custom(format!("{text:?}: {error}")))
    }

    pub(in super::super) fn serialize<T, S>(value: &T, to: S) -> Result<S::Ok, S::Error>
    where
        T: fmt::Display,
        S: Serializer,
    {
        to.collect_str(value)
    }
}

/// What has a text form, or is not there: empty text.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, Error, FromStr, fmt};
    use serde::Serializer;

    pub(in super::super) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|error| D::Error::custom(format!("{text:?}: {error}")))
    }

    pub(in super::super) fn serialize<T, S>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error>
    where
        T: fmt::Display,
        S: Serializer,
    {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_str(""),
        }
    }
}

/// A default of this program's own.
pub(super) fn known<T: FromStr<Err: fmt::Debug>>(text: &str) -> T {
    text.parse().expect("the defaults are well formed")
}

/// The IP address and port to listen on.
pub(super) fn socket_address(address: &PresentationAddress) -> Result<SocketAddr, &'static str> {
    let [network] = address.networks.as_slice() else {
        return Err("listener.presentation_address must name one network address: \
                    Internet=127.0.0.1+3001");
    };
    let host: IpAddr = network.host.parse().map_err(|_| {
        "listener.presentation_address must name an IP address of this machine, not a host name: \
         Internet=127.0.0.1+3001"
    })?;
    Ok(SocketAddr::new(host, network.port))
}

//! Addresses that carry their own permission: `…&exp=TIME&sig=…` at the end of a badge or chart.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gitratra_core::Timestamp;
use ring::hmac;

/// Adds the time at which it ends, if any, and the signature to an address.
pub(crate) fn sign(key: &hmac::Key, path_and_query: &str, ends_at: Option<Timestamp>) -> String {
    let mut address = path_and_query.to_owned();
    let mut join = if address.contains('?') { '&' } else { '?' };
    if let Some(time) = ends_at {
        address += &format!("{join}exp={}", time.as_second());
        join = '&';
    }
    let signature = hmac::sign(key, address.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(signature);
    format!("{address}{join}sig={signature}")
}

/// Whether an address was signed with this key as it is, and has not ended.
pub(crate) fn is_signed(key: &hmac::Key, path_and_query: &str, now: Timestamp) -> bool {
    let parts = path_and_query.rsplit_once("sig=");
    let Some((signed, signature)) = parts else {
        return false;
    };
    let Some(signed) = signed.strip_suffix(['&', '?']) else {
        return false;
    };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
        return false;
    };
    // Compares in constant time.
    if hmac::verify(key, signed.as_bytes(), &signature).is_err() {
        return false;
    }
    let query = signed.split_once('?').map_or("", |(_, query)| query);
    let ends = query
        .split('&')
        .filter_map(|part| part.strip_prefix("exp="));
    let mut ends = ends.map(|text| text.parse::<i64>());
    ends.all(|end| end.is_ok_and(|end| now.as_second() < end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(secs: i64) -> Timestamp {
        Timestamp::from_second(secs).unwrap()
    }

    #[test]
    fn a_signature_stands_for_one_address_and_time() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"house");
        let other = hmac::Key::new(hmac::HMAC_SHA256, b"other");
        for path in ["/badge/o/r/views.svg", "/badge/o/r/views.svg?range=30d"] {
            let signed = sign(&key, path, Some(time(100)));
            assert!(is_signed(&key, &signed, time(99)), "{signed}");
            assert!(!is_signed(&key, &signed, time(100)));
            assert!(!is_signed(&other, &signed, time(1)));
            for (from, to) in [
                ("/o/r/", "/o/s/"),
                ("exp=100", "exp=900"),
                ("exp=100&", ""),
                ("&sig=", "&range=1y&sig="),
                ("sig=", "sig=A"),
                ("views", "clones"),
            ] {
                assert!(signed.contains(from));
                let forged = signed.replacen(from, to, 1);
                assert!(!is_signed(&key, &forged, time(1)), "{forged}");
            }
            assert!(!is_signed(&key, &format!("{signed}&range=1y"), time(1)));
            let endless = sign(&key, path, None);
            assert!(is_signed(&key, &endless, time(250_000_000_000)));
            assert!(!is_signed(&key, path, time(1)));
        }
    }
}

//! Places for connections: so many in all, and so many for one address, so that nobody can hold all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Of the places one address may have a part of so many.
const PART: usize = 4;

/// How many connections each network has. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    most: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    of: Option<IpAddr>,
    places: Places,
}

impl Places {
    /// For a server of so many connections.
    pub(crate) fn new(connections: usize) -> Self {
        Self {
            most: (connections / PART).max(1),
            taken: Arc::default(),
        }
    }

    /// A place for whoever comes from an address, if there is one left for it. This machine, and what
    /// stands before us in our own network, speaks for many and has no bound of its own.
    pub(crate) fn take(&self, address: IpAddr, is_near: bool) -> Option<Place> {
        let place = |of| Place {
            of,
            places: self.clone(),
        };
        if is_near || address.to_canonical().is_loopback() {
            return Some(place(None));
        }
        let of = network_of(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(of).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        drop(taken);
        Some(place(Some(of)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(of) = self.of else { return };
        let taken = &self.places.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&of) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&of);
            }
        }
    }
}

/// What one customer of a provider has: an address of version 4, or a network of 64 bits.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() >> 64 << 64;
            IpAddr::V6(bits.into())
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_a_part_of_the_places_and_gives_them_back() {
        let places = Places::new(8);
        let at = |text: &str| text.parse().unwrap();
        let first = places.take(at("192.0.2.1"), false).unwrap();
        let _second = places.take(at("::ffff:192.0.2.1"), false).unwrap();
        assert!(places.take(at("192.0.2.1"), false).is_none());
        assert!(places.take(at("192.0.2.2"), false).is_some());
        drop(first);
        let _again = places.take(at("192.0.2.1"), false).unwrap();
        let _near: Vec<_> = (0..9)
            .map(|_| places.take(at("127.0.0.1"), false))
            .collect();
        assert!(places.take(at("127.0.0.1"), false).is_some());
        assert!(places.take(at("192.0.2.1"), true).is_some());
    }

    #[test]
    fn neighbours_in_a_network_of_version_6_count_as_one() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn nothing_is_kept_of_those_who_have_gone() {
        let places = Places::new(8);
        drop(places.take("192.0.2.1".parse().unwrap(), false));
        assert!(places.taken.lock().unwrap().is_empty());
    }
}

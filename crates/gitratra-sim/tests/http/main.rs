//! The simulated GitHub seen from outside: everything here goes over HTTP.

#[cfg(test)]
mod app;
#[cfg(test)]
mod cache;
#[cfg(test)]
mod client;
#[cfg(test)]
mod control;
#[cfg(test)]
mod device;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod graphql;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod limit;
#[cfg(test)]
mod list;
#[cfg(test)]
mod mix;
#[cfg(test)]
mod moved;
#[cfg(test)]
mod numbers;
#[cfg(test)]
mod popular;
#[cfg(test)]
mod program;
#[cfg(test)]
mod releases;
mod runs;
#[cfg(test)]
mod served;
#[cfg(test)]
mod stars;
#[cfg(test)]
mod window;

//! The program seen from outside: started as a process, talking to a simulated GitHub.

#[cfg(test)]
mod exported;
#[cfg(test)]
mod house;

#[cfg(test)]
mod bad_answers;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod hosts;
#[cfg(test)]
#[cfg(unix)]
mod kills;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod main_path;
#[cfg(test)]
mod names;
#[cfg(test)]
#[cfg(unix)]
mod original;
#[cfg(test)]
#[cfg(unix)]
mod prompt;
#[cfg(test)]
mod refusals;
#[cfg(test)]
#[cfg(unix)]
mod stores;

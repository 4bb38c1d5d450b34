//! The program seen from outside: started as a process, talking to a simulated GitHub.

#[cfg(test)]
mod access;
#[cfg(test)]
#[cfg(unix)]
mod action;
#[cfg(test)]
mod archive;
#[cfg(test)]
mod exported;
#[cfg(test)]
mod house;

#[cfg(test)]
#[cfg(unix)]
mod alerts;
#[cfg(test)]
#[cfg(unix)]
mod assistant;
#[cfg(test)]
mod at_once;
#[cfg(test)]
mod bad_answers;
#[cfg(test)]
#[cfg(unix)]
mod copies;
#[cfg(test)]
mod corrections;
#[cfg(test)]
#[cfg(unix)]
mod credentials;
#[cfg(test)]
#[cfg(unix)]
mod distribute;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod figures;
#[cfg(test)]
#[cfg(unix)]
mod help;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod import;
#[cfg(test)]
#[cfg(unix)]
mod kills;
#[cfg(test)]
mod limits;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod login;
#[cfg(test)]
mod main_path;
mod migrate;
#[cfg(test)]
mod moving_out;
#[cfg(test)]
mod names;
mod numbers;
#[cfg(test)]
#[cfg(unix)]
mod original;
#[cfg(test)]
mod postgres;
#[cfg(test)]
#[cfg(unix)]
mod prompt;
#[cfg(test)]
mod ranges;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod reported;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod selection;
#[cfg(test)]
#[cfg(unix)]
mod serve;
#[cfg(test)]
#[cfg(unix)]
mod settings;
#[cfg(test)]
mod silence;
#[cfg(test)]
#[cfg(unix)]
mod stores;
#[cfg(test)]
mod warehouse;

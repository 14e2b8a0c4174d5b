//! The hosts that plain http is allowed for (rule T1): those of URLs that were given with http.
//!
//! They are kept in a small file of the container, because a later process must know them before
//! it opens the session, and reading them from a queue of any length would take too long.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use backhaul::Inspector;
use url::Url;

use crate::exit::{Failure, Outcome};
use crate::pages;
use crate::place;

/// The file's name in the container; one host a line.
const FILE_NAME: &str = "plain-http-hosts";

/// The most hosts. It is a list that the library looks through at each request.
const HOST_LIMIT: usize = 4096;

/// A set of hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    hosts: BTreeSet<String>,
    is_saved: bool,
}

impl Hosts {
    /// What is known of the container. Where there is no file, the queue itself is asked.
    pub fn load(container: &Path) -> Hosts {
        match fs::read_to_string(container.join(FILE_NAME)) {
            Ok(text) => {
                let hosts = text
                    .lines()
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned);
                Hosts {
                    hosts: hosts.take(HOST_LIMIT).collect(),
                    is_saved: true,
                }
            }
            Err(_) => Hosts::of_queue(container),
        }
    }

    /// A store that cannot be read has no hosts: opening the session will say what is wrong with it.
    fn of_queue(container: &Path) -> Hosts {
        let mut found = Hosts::default();
        if container.is_dir() {
            if let Err(error) = found.add_queue(container) {
                log::debug!("no queue to take hosts from: {error}");
            }
        }
        found
    }

    fn add_queue(&mut self, container: &Path) -> Outcome<()> {
        let inspector = Inspector::open(container)?;
        for session in inspector.session_identifiers()? {
            for task in pages::tasks(|after, limit| inspector.tasks_after(&session, after, limit)) {
                if let Ok(url) = Url::parse(&task?.url) {
                    self.add(&url)?;
                }
            }
        }
        Ok(())
    }

    /// Allows plain http for the URL's host, if the URL itself was given with it.
    pub fn add(&mut self, url: &Url) -> Outcome<()> {
        let host = if url.scheme() == "http" {
            url.host_str()
        } else {
            None
        };
        let Some(host) = host.filter(|host| !self.hosts.contains(*host)) else {
            return Ok(());
        };
        if self.hosts.len() == HOST_LIMIT {
            let message = format!(
                "more than {HOST_LIMIT} hosts over plain http; use https or another --root"
            );
            return Err(Failure::usage(message));
        }
        self.hosts.insert(host.to_owned());
        self.is_saved = false;
        Ok(())
    }

    /// Every host.
    pub fn iter(&self) -> impl Iterator<Item = &String> {
        self.hosts.iter()
    }

    /// Keeps them for later processes. Durable when it returns: tasks are queued after it.
    pub fn save(&mut self, container: &Path) -> Outcome<()> {
        if !self.is_saved {
            let failed =
                |error: io::Error| Failure::io("cannot keep the list of plain-http hosts", &error);
            let lines: String = self.hosts.iter().map(|host| format!("{host}\n")).collect();
            place::keep(&container.join(FILE_NAME), lines.as_bytes()).map_err(failed)?;
            self.is_saved = true;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_that_were_given_with_http_are_allowed_and_remembered() {
        // rule T1
        let container = tempfile::tempdir().unwrap();
        let mut hosts = Hosts::default();
        for url in ["http://plain/a", "https://secure/b", "http://plain/c"] {
            hosts.add(&Url::parse(url).unwrap()).unwrap();
        }
        hosts.save(container.path()).unwrap();
        let loaded = Hosts::load(container.path());
        assert_eq!(loaded.iter().collect::<Vec<_>>(), ["plain"]);
        assert_eq!(
            fs::read_dir(container.path()).unwrap().count(),
            1,
            "no temporary file stays"
        );
    }

    #[test]
    fn the_number_of_hosts_is_bounded() {
        let mut hosts = Hosts::default();
        let add =
            |hosts: &mut Hosts, n: usize| hosts.add(&Url::parse(&format!("http://h{n}/")).unwrap());
        (0..HOST_LIMIT).for_each(|n| add(&mut hosts, n).unwrap());
        assert!(add(&mut hosts, HOST_LIMIT).is_err());
        assert!(
            add(&mut hosts, 0).is_ok(),
            "a known one is no more than before"
        );
    }
}

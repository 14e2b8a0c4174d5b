//! Tells of every change in some folders as it happens: each one is a place to kill a process at.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

use super::Event;

/// Room for one event, whose name may be 255 bytes long, and a few more.
const BUFFER_BYTES: usize = 4096;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watch {
    inotify: Arc<OwnedFd>,
    watches: Vec<i32>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Posts `Mark("create NAME")`, `Mark("modify NAME")`, `Mark("rename NAME")` (the name is the
    /// new one) and `Mark("delete NAME")` for what happens in `folders`.
    ///
    /// # Panics
    /// If a folder cannot be watched.
    pub fn start(folders: &[&Path], sender: Sender<Event>) -> Watch {
        let inotify = Arc::new(inotify::init(CreateFlags::CLOEXEC).unwrap());
        let wanted =
            WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::MOVED_TO | WatchFlags::DELETE;
        let watches = folders
            .iter()
            .map(|folder| inotify::add_watch(&inotify, *folder, wanted).unwrap())
            .collect();
        let reader = Arc::clone(&inotify);
        let thread = std::thread::spawn(move || post(&reader, &sender));
        Watch {
            inotify,
            watches,
            thread: Some(thread),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Each removal is an event itself, and the first one ends the thread.
        for watch in &self.watches {
            let _ = inotify::remove_watch(&self.inotify, *watch);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn post(inotify: &OwnedFd, sender: &Sender<Event>) {
    let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
    let mut reader = inotify::Reader::new(inotify, &mut buffer);
    while let Ok(event) = reader.next() {
        if event.events().contains(ReadFlags::IGNORED) {
            return;
        }
        let what = match event.events() {
            events if events.contains(ReadFlags::CREATE) => "create",
            events if events.contains(ReadFlags::MODIFY) => "modify",
            events if events.contains(ReadFlags::MOVED_TO) => "rename",
            events if events.contains(ReadFlags::DELETE) => "delete",
            _ => continue,
        };
        let name = event
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        // Nobody may wait any more.
        let _ = sender.send(Event::Mark(format!("{what} {}", name.unwrap_or_default())));
    }
}

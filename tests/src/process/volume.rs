//! A volume of its own for a test: small, so that it can be filled.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A mounted tmpfs; unmounted when dropped.
#[derive(Debug)]
pub struct Volume(PathBuf);

impl Volume {
    /// A tmpfs of this size at `path`, which is made. None, said aloud, where this process may not
    /// mount one.
    ///
    /// # Panics
    /// If the folder cannot be made.
    pub fn mount(path: &Path, bytes: u64) -> Option<Volume> {
        std::fs::create_dir(path).unwrap();
        let options = format!("size={bytes}");
        if !run("mount", &["-t", "tmpfs", "-o", &options, "tmpfs"], path) {
            println!("NOT RUN: this process may not mount a tmpfs");
            return None;
        }
        Some(Volume(path.to_path_buf()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file that leaves this many bytes free. Removed, it gives them back.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn fill(&self, leave: u64) -> PathBuf {
        let hog = self.0.join("hog");
        let volume = rustix::fs::statvfs(&self.0).unwrap();
        let free = volume.f_bavail * volume.f_frsize;
        std::fs::write(&hog, vec![1; usize::try_from(free - leave).unwrap()]).unwrap();
        hog
    }

    /// Lets nobody write to it any more.
    ///
    /// # Panics
    /// If that is refused.
    pub fn make_read_only(&self) {
        assert!(run("mount", &["-o", "remount,ro"], &self.0));
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        run("umount", &["-l"], &self.0);
    }
}

fn run(program: &str, options: &[&str], path: &Path) -> bool {
    let mut command = Command::new(program);
    command
        .args(options)
        .arg(path)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

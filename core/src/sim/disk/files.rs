//! What the driver does with files: bodies put in place, taken over, removed.
//!
//! Step by step as on a real disk, and a kill may fall between any two steps (rule D2).

use std::io;
use std::path::Path;

use super::ProcessDisk;
use super::part::record_at;
use super::volume::Data;
use crate::driver::Disk;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{BodyHandle, FinishError, FinishJob, PartPaths};
use crate::request::RequestOptions;
use crate::sim::content::Content;
use crate::task_id::TaskId;

type Finished = std::result::Result<(), FinishError>;

impl Disk for ProcessDisk {
    fn finish(&self, group: Vec<FinishJob>) -> Vec<(i64, Finished)> {
        let mut results: Vec<Finished> = group.iter().map(|_| Ok(())).collect();
        let steps = [
            ProcessDisk::check_and_seal,
            ProcessDisk::sync_bytes,
            ProcessDisk::put_in_place,
            ProcessDisk::sync_place,
        ];
        for step in steps {
            let alive = group
                .iter()
                .zip(&mut results)
                .filter(|(_, result)| result.is_ok());
            for (job, result) in alive {
                *result = step(self, job);
            }
        }
        group.iter().map(|job| job.id).zip(results).collect()
    }

    fn take_over(
        &self,
        id: TaskId,
        received: &Path,
        paths: PartPaths,
        expected: &RequestOptions,
    ) -> Result<FinishJob> {
        let judged = self.judge(received, expected);
        if judged.is_err() {
            // Of no use, and nobody else removes it.
            self.remove_file(received).map_err(cannot)?;
        }
        let len = judged?;
        self.remove_parts(&paths).map_err(cannot)?;
        let moved = self.write(|state| {
            state.volume.rename(received, &paths.part)?;
            Ok(state.volume.open(&paths.part))
        });
        Ok(FinishJob {
            id: id.as_i64(),
            paths,
            file: BodyHandle::Simulated(moved.map_err(cannot)?),
            len,
            sidecar: None,
        })
    }

    fn remove_parts(&self, paths: &PartPaths) -> io::Result<()> {
        self.remove_file(&paths.sidecar)?;
        self.remove_durably(paths, &paths.part)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.act(|state| {
            state.volume.remove(path);
            Ok(())
        })
    }

    fn adopt_part(&self, old: &PartPaths, new: &PartPaths) {
        let is_taken = self.read(|volume| Ok(volume.find(&new.part).is_some()));
        if is_taken.unwrap_or(true) {
            return;
        }
        for (from, to) in [(&old.part, &new.part), (&old.sidecar, &new.sidecar)] {
            // Without it the new task begins at zero: nothing is lost.
            if let Err(error) = self.act(|state| state.volume.rename(from, to)) {
                log::debug!("a part file could not be taken over: {error}");
            }
        }
    }

    fn is_resumable(&self, paths: &PartPaths) -> bool {
        let found = self.read(|volume| {
            let Some(record) = record_at(volume, &paths.sidecar) else {
                return Ok(false);
            };
            let Some(part) = volume.find(&paths.part) else {
                return Ok(false);
            };
            Ok(record.is_resumable() && volume.bytes(part)?.len() >= record.offset)
        });
        found.unwrap_or(false)
    }
}

fn cannot(error: io::Error) -> Error {
    crate::driver::file_error(FinishError::from(error))
}

/// The file of a job.
fn number(job: &FinishJob) -> std::result::Result<u64, FinishError> {
    match &job.file {
        BodyHandle::Simulated(file) => Ok(*file),
        BodyHandle::Real(_) => Err(FinishError::PartVanished),
    }
}

impl ProcessDisk {
    fn check_and_seal(&self, job: &FinishJob) -> Finished {
        let file = number(job)?;
        let found = self.read(|volume| Ok(volume.bytes(file)?.len()))?;
        if found < job.len {
            return Err(FinishError::WrongLength {
                expected: job.len,
                found,
            });
        }
        if found > job.len {
            self.truncate(file, job.len)?;
        }
        let record = self.read(|volume| Ok(record_at(volume, &job.paths.sidecar)))?;
        if let Some(mut record) = record {
            record.seal = Some((file, job.len));
            // Without a seal a crash in the next moment costs a second download, not a wrong file.
            if let Err(error) = self.write_record(&job.paths, &record) {
                log::debug!("a record could not be sealed: {error}");
            }
        }
        Ok(())
    }

    fn sync_bytes(&self, job: &FinishJob) -> Finished {
        let file = number(job)?;
        self.write(|state| state.volume.sync(file))?;
        // As with sealing.
        if let Err(error) = self.sync_record(&job.paths) {
            log::debug!("a record could not be synced: {error}");
        }
        Ok(())
    }

    fn put_in_place(&self, job: &FinishJob) -> Finished {
        let file = number(job)?;
        let (part, destination) = (&job.paths.part, &job.paths.destination);
        let (is_done, is_here) = self.read(|volume| {
            let is_at = |path: &Path| volume.find(path) == Some(file);
            Ok((is_at(destination), is_at(part)))
        })?;
        if is_done {
            return Ok(());
        }
        if !is_here {
            return Err(FinishError::PartVanished);
        }
        Ok(self.write(|state| state.volume.rename(part, destination))?)
    }

    fn sync_place(&self, job: &FinishJob) -> Finished {
        Ok(self.write(|state| {
            state.volume.sync_directory(job.paths.directory());
            Ok(())
        })?)
    }

    /// The length of a file that a platform's service left, if it is what the app expects.
    fn judge(&self, received: &Path, expected: &RequestOptions) -> Result<u64> {
        let content = self.read(|volume| {
            let file = volume.find(received);
            let file = file.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
            match volume.data(file)? {
                Data::Bytes(content) => Ok(content.clone()),
                Data::Record(_) => Ok(Content::default()),
            }
        });
        let content = content.map_err(cannot)?;
        let len = content.len();
        if expected.expected_size.is_some_and(|size| size != len) {
            let message = format!("the file has {len} bytes, another length was expected");
            return Err(Error::new(ErrorKind::SizeMismatch, message));
        }
        match &expected.expected_digest {
            Some(digest) if content.digest(digest.algorithm()) != *digest => {
                let message = "the file's digest is not the expected one";
                Err(Error::new(ErrorKind::DigestMismatch, message))
            }
            _ => Ok(len),
        }
    }
}

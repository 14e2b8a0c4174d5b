//! A handle to a download.

use std::sync::Arc;

use crate::delegate::DownloadedFile;
use crate::error::Result;
use crate::runtime;
use crate::task_info::{Explanation, TaskInfo};

/// A handle to a download; it keeps its session alive. `resume`, `suspend` and `cancel` may be called any
/// number of times, in any order; each returns when the change is durable.
#[derive(uniffi::Object)]
pub struct DownloadTask(backhaul::DownloadTask);

impl DownloadTask {
    pub(crate) fn shared(task: backhaul::DownloadTask) -> Arc<DownloadTask> {
        Arc::new(DownloadTask(task))
    }
}

#[uniffi::export]
impl DownloadTask {
    /// The task's number.
    pub fn id(&self) -> i64 {
        self.0.id().as_i64()
    }

    /// Where it stands now.
    pub fn info(&self) -> Result<TaskInfo> {
        Ok(TaskInfo::from(&self.0.info()?))
    }

    /// Where it stands, why, since when, and what would change that (rule E1).
    pub fn explain(&self) -> Result<Explanation> {
        Ok(self.0.explain()?.into())
    }

    /// [`explain`](DownloadTask::explain) without blocking the caller.
    pub async fn explain_async(&self) -> Result<Explanation> {
        let task = DownloadTask(self.0.clone());
        runtime::run(move || task.explain()).await
    }

    /// The finished file; none while the task has not ended. Throws why it ended without one.
    pub fn file(&self) -> Result<Option<DownloadedFile>> {
        Ok(self.0.file()?.as_ref().map(DownloadedFile::from))
    }

    /// [`file`](DownloadTask::file) without blocking the caller.
    pub async fn file_async(&self) -> Result<Option<DownloadedFile>> {
        let task = DownloadTask(self.0.clone());
        runtime::run(move || task.file()).await
    }

    /// Starts it, or lets it go on (rule S4).
    pub fn resume(&self) -> Result<()> {
        Ok(self.0.resume()?)
    }

    /// Pauses it; its bytes stay.
    pub fn suspend(&self) -> Result<()> {
        Ok(self.0.suspend()?)
    }

    /// Ends it (rule L4).
    pub fn cancel(&self) -> Result<()> {
        Ok(self.0.cancel()?)
    }

    /// Ends it and gives back what another task can go on from, if there is something (rule L4).
    pub fn cancel_by_producing_resume_data(&self) -> Result<Option<String>> {
        let data = self.0.cancel_by_producing_resume_data()?;
        Ok(data.map(|data| data.to_string()))
    }

    /// [`cancel_by_producing_resume_data`](DownloadTask::cancel_by_producing_resume_data) without
    /// blocking the caller.
    pub async fn cancel_by_producing_resume_data_async(&self) -> Result<Option<String>> {
        let task = DownloadTask(self.0.clone());
        runtime::run(move || task.cancel_by_producing_resume_data()).await
    }

    /// Replaces its free text (rule L3).
    pub fn set_metadata(&self, text: String) -> Result<()> {
        Ok(self.0.set_metadata(&text)?)
    }
}

//! Background transfers that survive the death of the app.

mod clock;
mod conditions;
mod engine;
mod error;
mod protocol;
mod request;
mod response;
mod store;
mod task_id;
mod task_state;

pub use conditions::{Network, SystemConditions};
pub use error::{Error, ErrorKind, Result};
pub use protocol::{Digest, Headers};
pub use request::{CONTAINER_BASE, Destination, Request};
pub use response::Response;
pub use task_id::TaskId;
pub use task_state::{
    Attempt, Explanation, Progress, TaskInfo, TaskMetrics, TaskState, WaitReason,
};

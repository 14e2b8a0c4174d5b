//! Reading queues and journals of any length, one page in memory at a time.

use std::vec;

use backhaul::{Explanation, JournalEvent, Result, TaskId, TaskInfo};

use crate::exit::Outcome;

/// Rows read at a time.
pub const PAGE: usize = 1000;

/// Every task, by id. `page` reads up to so many after an id.
pub fn tasks<F>(mut page: F) -> impl Iterator<Item = Outcome<TaskInfo>>
where
    F: FnMut(Option<TaskId>, usize) -> Result<Vec<TaskInfo>>,
{
    let mut after = None;
    rows(move || {
        let rows = page(after, PAGE)?;
        after = rows.last().map(|task| task.id).or(after);
        Ok(rows)
    })
}

/// Every task with why it stands where it stands, by id.
pub fn explanations<F>(mut page: F) -> impl Iterator<Item = Outcome<Explanation>>
where
    F: FnMut(Option<TaskId>, usize) -> Result<Vec<Explanation>>,
{
    let mut after = None;
    rows(move || {
        let rows = page(after, PAGE)?;
        after = rows.last().map(|found| found.task.id).or(after);
        Ok(rows)
    })
}

/// Every entry of a journal, by sequence number.
pub fn events<F>(mut page: F) -> impl Iterator<Item = Outcome<JournalEvent>>
where
    F: FnMut(i64, usize) -> Result<Vec<JournalEvent>>,
{
    let mut after = 0;
    rows(move || {
        let rows = page(after, PAGE)?;
        after = rows.last().map_or(after, |event| event.sequence);
        Ok(rows)
    })
}

fn rows<T, F>(mut page: F) -> impl Iterator<Item = Outcome<T>>
where
    F: FnMut() -> Result<Vec<T>>,
{
    let mut ready: vec::IntoIter<T> = Vec::new().into_iter();
    let mut ended = false;
    std::iter::from_fn(move || {
        if ready.len() == 0 && !ended {
            match page() {
                Ok(rows) => ready = rows.into_iter(),
                Err(error) => {
                    ended = true;
                    return Some(Err(error.into()));
                }
            }
            ended = ready.len() == 0;
        }
        ready.next().map(Ok)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_until_one_is_empty_and_an_error_ends_it() {
        let mut pages = vec![Ok(vec![]), Ok(vec![3]), Ok(vec![1, 2])];
        let all: Vec<i32> = rows(|| pages.pop().unwrap())
            .map(|row| row.unwrap())
            .collect();
        assert_eq!(all, [1, 2, 3]);
        let failing = || Err(backhaul::SessionConfiguration::background("").unwrap_err());
        let mut rows = rows::<i32, _>(failing);
        assert!(rows.next().unwrap().is_err());
        assert!(rows.next().is_none());
    }
}
